/** Where the time of a trace went: the longest of its phases that somebody waited for. */
import type { PhaseTime } from '@flyball/telemetry';

/** These last as long as all that happens meanwhile, or nobody waits for them. */
const untold: ReadonlySet<string> = new Set(['received', 'held', 'pod ready']);

const longest = (phases: readonly PhaseTime[]): PhaseTime | undefined =>
  phases.toSorted((one, other) => other.durationMs - one.durationMs)[0];

/**
 * Undefined where nothing is told of it that is a part of the whole: an ordinary request has only
 * itself. One of which no more is told was held at least.
 */
export const slowestPhase = (phases: readonly PhaseTime[]): PhaseTime | undefined => {
  const parts = phases.filter(({ phase }) => !untold.has(phase));
  return longest(parts) ?? phases.find(({ phase }) => phase === 'held');
};
