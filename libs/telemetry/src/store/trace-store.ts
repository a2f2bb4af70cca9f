/** The traces that arrived last, bounded: the oldest one makes room. */
import type { ReceivedSpan } from '../received-span.ts';
import { createKeptTraces } from './kept-traces.ts';
import type { Limits, Trace } from './shelf.ts';
import { summarizeTrace } from './summarize-trace.ts';
import type { TraceKind, TraceSummary } from './trace-summary.ts';

/** Each limit by itself; what is not given is the default. */
export type TraceStoreOptions = Partial<Limits>;

/** Of one trace; what comes beyond is counted, and not kept. */
export const spansPerTraceMax = 500;

const defaults = {
  tracesMax: 1_000,
  spansMax: 20_000,
  spansPerTraceMax,
  charsMax: 32_000_000,
} as const satisfies Limits;

/** What `list` answers at most. */
export const listedTracesMax = 1_000;

export interface TraceQuery {
  /** `namespace/name`: all that a span of it is of. */
  readonly workload?: string;
  readonly kind?: TraceKind;
  /** Only those that lasted this long or longer. */
  readonly minMs?: number;
  readonly limit: number;
}

export interface KeptTrace {
  readonly summary: TraceSummary;
  /** In the order of their arrival. */
  readonly spans: readonly ReceivedSpan[];
}

export interface TraceStoreCounts {
  readonly traces: number;
  readonly spans: number;
  /** Traces that made room for others. */
  readonly tracesDropped: number;
  /** Spans that went with them, or that their trace had no room for. */
  readonly spansDropped: number;
}

export interface TraceStore {
  /** Keeps them; the same span told again replaces itself. */
  add(spans: readonly ReceivedSpan[]): void;
  /** Newest first. */
  list(query: TraceQuery): TraceSummary[];
  /** By its whole id, or by the beginning of it when only one trace begins so. */
  get(traceId: string): KeptTrace | undefined;
  /** The ids that begin so, newest first, `listedTracesMax` at most. */
  idsFrom(prefix: string): string[];
  counts(): TraceStoreCounts;
}

const doesMatch = (summary: TraceSummary, { workload, kind, minMs }: TraceQuery): boolean =>
  (workload === undefined || summary.workloads.includes(workload)) &&
  (kind === undefined || summary.kind === kind) &&
  (minMs === undefined || summary.durationMs >= minMs);

/** Keeps what it is given until a limit is met; then the oldest trace makes room. */
export const createTraceStore = (options: TraceStoreOptions = {}): TraceStore => {
  const kept = createKeptTraces({ ...defaults, ...options });

  const summaryOf = (traceId: string, trace: Trace): TraceSummary => {
    trace.summary ??= summarizeTrace(traceId, [...trace.spans.values()], trace.dropped);
    return trace.summary;
  };
  const summaries = (): TraceSummary[] =>
    kept
      .all()
      .map(([traceId, trace]) => summaryOf(traceId, trace))
      .sort((one, other) => other.startMs - one.startMs);
  const idsFrom = (prefix: string): string[] =>
    summaries()
      .map(({ traceId }) => traceId)
      .filter((traceId) => traceId.startsWith(prefix))
      .slice(0, listedTracesMax);

  return {
    add: (spans) => {
      for (const span of spans) kept.add(span);
    },
    list: (query) =>
      summaries()
        .filter((summary) => doesMatch(summary, query))
        .slice(0, Math.max(0, Math.min(query.limit, listedTracesMax))),
    get: (given) => {
      const ids = kept.get(given) === undefined ? idsFrom(given) : [given];
      const [traceId] = ids;
      const trace = traceId === undefined || ids.length > 1 ? undefined : kept.get(traceId);
      if (traceId === undefined || trace === undefined) return undefined;
      return { summary: summaryOf(traceId, trace), spans: [...trace.spans.values()] };
    },
    idsFrom,
    counts: () => {
      const traces = kept.all();
      return {
        traces: traces.length,
        spans: traces.reduce((all, [, { spans }]) => all + spans.size, 0),
        tracesDropped: kept.dropped.traces,
        spansDropped: kept.dropped.spans,
      };
    },
  };
};
