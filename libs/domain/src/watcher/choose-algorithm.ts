/** By which version of the algorithm a workload is decided, given who lives to decide it. */
import type { LivingDecider, PolicyComplaint, Resolution } from './input.ts';

/** Deciders that a complaint names; of more only their number is told. */
const namedMax = 5;

const canDo = (version: number) => (decider: LivingDecider) => decider.algorithms.includes(version);

/** What every living decider can do and the settings can be read for, oldest first. */
const common = (deciders: readonly LivingDecider[], newest: number): number[] => {
  const [first, ...others] = deciders;
  return (first?.algorithms ?? [])
    .filter((version) => version <= newest && others.every(canDo(version)))
    .sort((one, other) => one - other);
};

const listOf = (versions: readonly number[]): string =>
  versions.length === 0 ? 'none' : versions.join(', ');

const named = (deciders: readonly LivingDecider[]): string => {
  const texts = deciders
    .map(({ instance, algorithms }) => `decider ${instance} (can do ${listOf(algorithms)})`)
    .sort();
  const more = texts.length - namedMax;
  const shown = texts.slice(0, namedMax).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
};

const staying = (inForce: number | null): string =>
  inForce === null
    ? 'there is no policy until every living decider can'
    : `the policy in force, by algorithm ${inForce}, stays until every living decider can`;

const complaintOf = (
  key: string,
  asked: number,
  inForce: number | null,
  deciders: readonly LivingDecider[],
): PolicyComplaint => {
  const unable = deciders.filter((decider) => !canDo(asked)(decider));
  const why =
    deciders.length === 0
      ? `no decider lives that could do algorithm ${asked}`
      : `algorithm ${asked} cannot be done by ${named(unable)}`;
  return {
    path: '',
    key,
    value: String(asked),
    allowed: `what every living decider can do: ${listOf(common(deciders, asked))}`,
    message: `${why}; ${staying(inForce)}`,
  };
};

/** Nothing asks for a version: the newest that every living decider can do. */
const newestFor = (
  resolution: Resolution,
  inForce: number | null,
  deciders: readonly LivingDecider[],
): Resolution => {
  const own = resolution.policy.algorithm;
  const newest = common(deciders, own).at(-1) ?? inForce ?? own;
  if (newest === own) return resolution;
  // Named without the deciders: their coming and going alone is no new policy.
  const waiting =
    `algorithm ${own} is the newest here; algorithm ${newest} is in force until every living ` +
    'decider can do it';
  const policy = { ...resolution.policy, algorithm: newest };
  return { ...resolution, policy, warnings: [...resolution.warnings, waiting] };
};

/**
 * Puts the version into the policy, or refuses the one that was asked for. `inForce` is that of the
 * policy in force; null before the first. Without a living decider nothing in force is changed: a
 * decider that vanished proves nothing about the one that comes after it.
 */
export const chooseAlgorithm = (
  resolution: Resolution,
  inForce: number | null,
  deciders: readonly LivingDecider[],
): Resolution => {
  const { algorithmKey, errors, policy } = resolution;
  if (algorithmKey === null) return newestFor(resolution, inForce, deciders);
  const asked = policy.algorithm;
  const nothingChanges = inForce === null || inForce === asked;
  const accepted = deciders.length === 0 ? nothingChanges : deciders.every(canDo(asked));
  if (accepted) return resolution;
  const complaint = complaintOf(algorithmKey, asked, inForce, deciders);
  return { ...resolution, errors: [...errors, complaint] };
};
