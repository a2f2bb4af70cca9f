/** The traces that arrived last, bounded: the oldest one makes room. */
import type { ReceivedSpan } from '../received-span.ts';
import { spanChars } from './span-chars.ts';
import { summarizeTrace } from './summarize-trace.ts';
import type { TraceKind, TraceSummary } from './trace-summary.ts';

export interface TraceStoreOptions {
  readonly tracesMax?: number;
  readonly spansMax?: number;
  readonly spansPerTraceMax?: number;
  /** Characters of all that is kept: spans may be of any size. */
  readonly charsMax?: number;
}

const defaults = {
  tracesMax: 1_000,
  spansMax: 20_000,
  spansPerTraceMax: 500,
  charsMax: 32_000_000,
} as const satisfies Required<TraceStoreOptions>;

/** What `list` answers at most. */
export const listedTracesMax = 1_000;

export interface TraceQuery {
  /** `namespace/name`. */
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
  /** The ids that begin so, newest arrival first, `listedTracesMax` at most. */
  idsFrom(prefix: string): string[];
  counts(): TraceStoreCounts;
}

interface Trace {
  readonly spans: Map<string, ReceivedSpan>;
  chars: number;
  dropped: number;
  /** Undefined: spans have come since it was made. */
  summary: TraceSummary | undefined;
}

const doesMatch = (summary: TraceSummary, { workload, kind, minMs }: TraceQuery): boolean =>
  (workload === undefined || summary.workload === workload) &&
  (kind === undefined || summary.kind === kind) &&
  (minMs === undefined || summary.durationMs >= minMs);

/** Keeps what it is given until a limit is met; then the trace that came first goes first. */
export const createTraceStore = (options: TraceStoreOptions = {}): TraceStore => {
  const limits = { ...defaults, ...options };
  const traces = new Map<string, Trace>();
  const total = { spans: 0, chars: 0, tracesDropped: 0, spansDropped: 0 };

  const traceOf = (traceId: string): Trace => {
    const known = traces.get(traceId);
    if (known !== undefined) return known;
    const made: Trace = { spans: new Map(), chars: 0, dropped: 0, summary: undefined };
    traces.set(traceId, made);
    return made;
  };
  const weigh = (trace: Trace, spans: number, chars: number): void => {
    trace.chars += chars;
    trace.summary = undefined;
    total.spans += spans;
    total.chars += chars;
  };
  const keep = (span: ReceivedSpan): void => {
    const trace = traceOf(span.traceId);
    const known = trace.spans.get(span.spanId);
    if (known === undefined && trace.spans.size >= limits.spansPerTraceMax) {
      trace.dropped += 1;
      total.spansDropped += 1;
      trace.summary = undefined;
      return;
    }
    const replaced = known === undefined ? 0 : spanChars(known);
    trace.spans.set(span.spanId, span);
    weigh(trace, known === undefined ? 1 : 0, spanChars(span) - replaced);
  };
  const isOver = (): boolean =>
    traces.size > limits.tracesMax ||
    total.spans > limits.spansMax ||
    total.chars > limits.charsMax;
  const makeRoom = (): void => {
    for (const [traceId, { spans, chars }] of traces) {
      if (!isOver()) return;
      traces.delete(traceId);
      total.spans -= spans.size;
      total.chars -= chars;
      total.tracesDropped += 1;
      total.spansDropped += spans.size;
    }
  };
  const summaryOf = (traceId: string, trace: Trace): TraceSummary => {
    trace.summary ??= summarizeTrace(traceId, [...trace.spans.values()], trace.dropped);
    return trace.summary;
  };
  const idsFrom = (prefix: string): string[] =>
    [...traces.keys()]
      .filter((traceId) => traceId.startsWith(prefix))
      .reverse()
      .slice(0, listedTracesMax);

  return {
    add: (spans) => {
      for (const span of spans) {
        keep(span);
        makeRoom();
      }
    },
    list: (query) =>
      [...traces]
        .map(([traceId, trace]) => summaryOf(traceId, trace))
        .filter((summary) => doesMatch(summary, query))
        .sort((one, other) => other.startMs - one.startMs)
        .slice(0, Math.max(0, Math.min(query.limit, listedTracesMax))),
    get: (given) => {
      const ids = traces.has(given) ? [given] : idsFrom(given);
      const [traceId] = ids;
      const trace = traceId === undefined || ids.length > 1 ? undefined : traces.get(traceId);
      if (traceId === undefined || trace === undefined) return undefined;
      return { summary: summaryOf(traceId, trace), spans: [...trace.spans.values()] };
    },
    idsFrom,
    counts: () => ({
      traces: traces.size,
      spans: total.spans,
      tracesDropped: total.tracesDropped,
      spansDropped: total.spansDropped,
    }),
  };
};
