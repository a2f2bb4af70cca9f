/** How long a trace is said to have taken. */
import type { TraceSummary } from '../../../src/wire.ts';

/**
 * What its client waited, in ms: a pod may be ready long after the answer. Without a request, from
 * the first start to the last end.
 */
export const shownDurationMs = ({
  phases,
  durationMs,
}: Pick<TraceSummary, 'phases' | 'durationMs'>): number =>
  phases.find(({ phase }) => phase === 'received')?.durationMs ?? durationMs;
