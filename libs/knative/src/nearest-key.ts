/** "Did you mean": the known key that a mistyped one is nearest to. */
import { distance } from 'fastest-levenshtein';

/** Longer keys are not typing mistakes, and comparing them costs. */
const longestCompared = 100;

/** The same for `minScale`, `min-scale`, `min_scale` and `MinScale`. */
export const folded = (key: string): string => key.replace(/[-_\s]/g, '').toLowerCase();

/** The nearest of the known keys, or undefined when none is near enough to be meant. */
export const nearestKey = (given: string, known: readonly string[]): string | undefined => {
  if (given.length > longestCompared) return undefined;
  const wanted = folded(given);
  const ranked = known
    .map((key) => ({ key, far: distance(wanted, folded(key)) }))
    .sort((left, right) => left.far - right.far);
  const best = ranked[0];
  const reach = Math.max(2, Math.floor(wanted.length / 3));
  return best !== undefined && best.far <= reach && best.far < wanted.length ? best.key : undefined;
};
