/** What of a trace went on after its request was answered: nobody waited for it. */
import type { FinishedSpan } from '../finished-span.ts';
import { phaseOf, requestIn } from './request-in.ts';
import type { TraceSummary } from './trace-summary.ts';

/** Clocks are compared: less than this is not later. */
const laterByMs = 0.05;

export interface AfterAnswer<Span extends FinishedSpan> {
  readonly spans: readonly Span[];
  /** When the last of them ended, in milliseconds since the request came. */
  readonly untilMs: number;
}

/** Its request's phases that ended after what the summary says it took; undefined: none did. */
export const afterAnswer = <Span extends FinishedSpan>(
  { kind, startMs, durationMs }: Pick<TraceSummary, 'kind' | 'startMs' | 'durationMs'>,
  spans: readonly Span[],
): AfterAnswer<Span> | undefined => {
  if (kind !== 'cold start') return undefined;
  const endMs = startMs + durationMs + laterByMs;
  const told = requestIn(spans)?.spans ?? spans;
  const late = told.filter((span) => phaseOf(span) !== null && span.endMs > endMs);
  if (late.length === 0) return undefined;
  return { spans: late, untilMs: Math.max(...late.map((span) => span.endMs)) - startMs };
};
