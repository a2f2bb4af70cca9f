/** A trace as rows to draw: its spans in the order of their tree, with depth and offset. */
import type { FinishedSpan } from './finished-span.ts';
import { phaseOrderOf } from './phases.ts';

export type { AttributeValue, FinishedSpan, SpanKind, SpanLink } from './finished-span.ts';
export type { Phase } from './phases.ts';
export { attributeNames, isPhase, phases } from './phases.ts';
export type { ReceivedSpan } from './received-span.ts';
export { type AfterAnswer, afterAnswer } from './store/after-answer.ts';
export { requestIn } from './store/request-in.ts';
export type { PhaseTime, TraceKind, TraceSummary } from './store/trace-summary.ts';

export interface WaterfallRow<Span extends FinishedSpan = FinishedSpan> {
  readonly span: Span;
  /** 0: nothing of this trace lies above it. */
  readonly depth: number;
  /** Milliseconds since the trace began. */
  readonly offsetMs: number;
  readonly durationMs: number;
}

export interface Waterfall<Span extends FinishedSpan = FinishedSpan> {
  /** Each span once: a parent, then what lies below it, by time. */
  readonly rows: readonly WaterfallRow<Span>[];
  /** UTC milliseconds; 0 without spans. */
  readonly startMs: number;
  /** From the first start to the last end. */
  readonly durationMs: number;
}

/** By time; what begins together in the order of the story, the longer one first. */
export const byTime = (one: FinishedSpan, other: FinishedSpan): number =>
  one.startMs - other.startMs ||
  phaseOrderOf(one) - phaseOrderOf(other) ||
  other.endMs - one.endMs ||
  (one.spanId < other.spanId ? -1 : Number(one.spanId > other.spanId));

/** What lies below whom: spans whose parent is not here are first ones too. */
const childrenOf = <Span extends FinishedSpan>(sorted: readonly Span[]) => {
  const known = new Set(sorted.map(({ spanId }) => spanId));
  const children = new Map<string, Span[]>();
  const roots: Span[] = [];
  for (const span of sorted) {
    const { parentSpanId } = span;
    if (parentSpanId === null || !known.has(parentSpanId)) {
      roots.push(span);
      continue;
    }
    const siblings = children.get(parentSpanId);
    if (siblings === undefined) children.set(parentSpanId, [span]);
    else siblings.push(span);
  }
  return { roots, children };
};

/** Total: parents that are missing, or in a circle, leave no span out. */
export const waterfall = <Span extends FinishedSpan>(spans: readonly Span[]): Waterfall<Span> => {
  const sorted = spans.toSorted(byTime);
  const startMs = sorted[0]?.startMs ?? 0;
  const { roots, children } = childrenOf(sorted);
  const rows: WaterfallRow<Span>[] = [];
  const seen = new Set<Span>();
  const walk = (root: Span): void => {
    const left: { readonly span: Span; readonly depth: number }[] = [{ span: root, depth: 0 }];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { span, depth } = next;
      if (seen.has(span)) continue;
      seen.add(span);
      const durationMs = span.endMs - span.startMs;
      rows.push({ span, depth, offsetMs: span.startMs - startMs, durationMs });
      for (const child of children.get(span.spanId)?.toReversed() ?? []) {
        left.push({ span: child, depth: depth + 1 });
      }
    }
  };
  for (const root of roots) walk(root);
  // What is left lies in a circle, which has no first one.
  for (const span of sorted) walk(span);
  const endMs = sorted.reduce((latest, span) => Math.max(latest, span.endMs), startMs);
  return { rows, startMs, durationMs: endMs - startMs };
};
