/** Which traces are listed, and in which order. */
import type { TraceSummary } from '../../../src/wire.ts';
import type { TraceFilter } from '../routing/route.ts';
import { shownDurationMs } from './shown-duration.ts';

/**
 * What the console answered, without what another filter asked for: the answer to a filter that was
 * just chosen is still on its way. The newest come first, as they were answered, or the slowest.
 */
export const listedTraces = (
  answered: readonly TraceSummary[],
  { workload, kind, minMs, sort }: TraceFilter,
): readonly TraceSummary[] => {
  const listed = answered.filter(
    (trace) =>
      (workload === '' || trace.workload === workload) &&
      (kind === null || trace.kind === kind) &&
      shownDurationMs(trace) >= minMs,
  );
  if (sort === 'newest') return listed;
  return listed.sort((first, second) => shownDurationMs(second) - shownDurationMs(first));
};
