/** Where the time of a trace went: the longest of its phases that somebody waited for. */
import type { PhaseTime, TraceSummary } from '@flyball/telemetry';

/** These last as long as all that happens meanwhile, or nobody waits for them. */
const untold: ReadonlySet<string> = new Set(['received', 'held', 'pod ready']);

const longest = (phases: readonly PhaseTime[]): PhaseTime | undefined =>
  phases.toSorted((one, other) => other.durationMs - one.durationMs)[0];

/**
 * Undefined where nothing is told of it that is a part of the whole: an ordinary request has only
 * itself. One that never got a pod was held.
 */
export const slowestPhase = ({
  kind,
  phases,
}: Pick<TraceSummary, 'kind' | 'phases'>): PhaseTime | undefined => {
  if (kind === 'request') return undefined;
  const parts = phases.filter(({ phase }) => !untold.has(phase));
  return longest(parts) ?? phases.find(({ phase }) => phase === 'held');
};
