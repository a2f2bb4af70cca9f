/** How many of a workload's pods are asked for their counts, and which of them. */

/** All pods are asked up to this number. */
const allUpTo = 3;

/**
 * Knative's: so many of normally spread values tell their mean well enough for a population of that
 * size; never more than 16.
 */
export const sampleSize = (pods: number): number =>
  pods <= allUpTo ? pods : Math.min(pods, Math.ceil((15.37 * pods) / (pods + 14.37)));

/**
 * The pods of one round, those to ask first in front: a run that begins `step` further each round,
 * so that all of them are asked in turn. Names are put in order first.
 */
export const roundOf = <Pod>(
  pods: readonly (readonly [name: string, pod: Pod])[],
  round: number,
  step: number,
): readonly (readonly [string, Pod])[] => {
  if (pods.length <= allUpTo) return pods;
  const ordered = [...pods].sort(([one], [other]) => (one < other ? -1 : 1));
  const from = (round * step) % ordered.length;
  return [...ordered.slice(from), ...ordered.slice(0, from)];
};
