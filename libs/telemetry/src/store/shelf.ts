/** Traces that are kept together, with the room that they take. */
import type { ReceivedSpan } from '../received-span.ts';
import { spanChars } from './span-chars.ts';
import type { TraceSummary } from './trace-summary.ts';

export interface Trace {
  readonly spans: Map<string, ReceivedSpan>;
  /** By `spanChars`. */
  chars: number;
  /** Spans that it had no room for. */
  dropped: number;
  /** Undefined: spans have come since it was made. */
  summary: TraceSummary | undefined;
}

/** The limits of what is kept, of all traces together but for `spansPerTraceMax`. */
export interface Limits {
  readonly tracesMax: number;
  readonly spansMax: number;
  readonly spansPerTraceMax: number;
  /** Characters of all that is kept: spans may be of any size. */
  readonly charsMax: number;
}

/** In the order in which the traces came. */
export interface Shelf {
  readonly traces: Map<string, Trace>;
  spans: number;
  chars: number;
}

export const createShelf = (): Shelf => ({ traces: new Map(), spans: 0, chars: 0 });

export const newTrace = (): Trace => ({
  spans: new Map(),
  chars: 0,
  dropped: 0,
  summary: undefined,
});

/** Puts a trace behind the others. */
export const putTrace = (shelf: Shelf, traceId: string, trace: Trace): void => {
  shelf.traces.set(traceId, trace);
  shelf.spans += trace.spans.size;
  shelf.chars += trace.chars;
};

/** Takes a trace out. */
export const takeTrace = (shelf: Shelf, traceId: string, trace: Trace): void => {
  if (!shelf.traces.delete(traceId)) return;
  shelf.spans -= trace.spans.size;
  shelf.chars -= trace.chars;
};

/** Keeps a span of a trace on this shelf; the same one again replaces itself. False: no room. */
export const keepSpan = (shelf: Shelf, trace: Trace, span: ReceivedSpan, limits: Limits) => {
  const known = trace.spans.get(span.spanId);
  trace.summary = undefined;
  if (known === undefined && trace.spans.size >= limits.spansPerTraceMax) {
    trace.dropped += 1;
    return false;
  }
  const chars = spanChars(span) - (known === undefined ? 0 : spanChars(known));
  trace.spans.set(span.spanId, span);
  trace.chars += chars;
  shelf.chars += chars;
  shelf.spans += known === undefined ? 1 : 0;
  return true;
};

/** Whether shelves take more than this share of the limits. */
export const isOver = (shelves: readonly Shelf[], limits: Limits, share: number): boolean => {
  const sum = (of: (shelf: Shelf) => number) => shelves.reduce((all, one) => all + of(one), 0);
  return (
    sum(({ traces }) => traces.size) > limits.tracesMax * share ||
    sum(({ spans }) => spans) > limits.spansMax * share ||
    sum(({ chars }) => chars) > limits.charsMax * share
  );
};
