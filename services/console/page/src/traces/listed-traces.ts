/** Which traces are asked for and listed, and in which order. */
import { isWorkloadName, type TraceSummary } from '../../../src/wire.ts';
import type { TraceFilter } from '../routing/route.ts';

/** Traces that are listed at most. */
export const listedMax = 200;
/** The slowest ones, and those of a name that is being typed, are looked for among so many. */
export const searchedMax = 1_000;

/** What the console is asked for; null: not asked. */
export interface TracesAsked {
  readonly workload: string | null;
  readonly kind: TraceFilter['kind'];
  readonly minMs: number | null;
  readonly limit: number;
  /** An index, for the address that is made of it. */
  readonly [name: string]: string | number | null;
}

/**
 * The console knows whole names. `typed`, null where nothing is, may be the beginning of one that
 * looks like a whole one: it is looked for here, among as many traces as the console tells at once.
 */
export const tracesAsked = (
  { workload, kind, minMs, sort }: TraceFilter,
  typed: string | null,
): TracesAsked => {
  const isName = workload !== typed && isWorkloadName(workload);
  const isSearch = sort === 'slowest' || (workload !== '' && !isName);
  return {
    workload: isName ? workload : null,
    kind,
    minMs: minMs === 0 ? null : minMs,
    limit: isSearch ? searchedMax : listedMax,
  };
};

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
      (workload === '' || trace.workloads.some((one) => one.startsWith(workload))) &&
      (kind === null || trace.kind === kind) &&
      trace.durationMs >= minMs,
  );
  if (sort === 'newest') return listed;
  return listed.sort((first, second) => second.durationMs - first.durationMs);
};
