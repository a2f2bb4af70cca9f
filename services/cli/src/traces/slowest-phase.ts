/** Where the time of a trace went: the longest of its phases that is not the sum of others. */
import type { PhaseTime } from '@flyball/telemetry';

/** These last as long as all that happens meanwhile. */
const sums: ReadonlySet<string> = new Set(['received', 'held']);

const longest = (phases: readonly PhaseTime[]): PhaseTime | undefined =>
  phases.toSorted((one, other) => other.durationMs - one.durationMs)[0];

/** Undefined for a trace without phases. */
export const slowestPhase = (phases: readonly PhaseTime[]): PhaseTime | undefined => {
  const parts = phases.filter(({ phase }) => !sums.has(phase));
  return longest(parts.length > 0 ? parts : phases);
};
