/** Where the time of a request went: one part after the other, without a gap or an overlap. */
import { type Phase, requestIn } from '@flyball/telemetry/waterfall';
import type { TraceSpan } from '../../../src/wire.ts';
import { phaseOf } from './phase-look.ts';

export interface TimePart {
  /** What it ended with: until then one waited for it. */
  readonly phase: Phase;
  readonly startMs: number;
  readonly durationMs: number;
}

/**
 * What has to happen one after the other before there is an answer. While all that happens the
 * request is held, and a pod may be ready before or after it has answered: these two are beside it.
 */
const inARow: readonly Phase[] = [
  ...(['sample', 'fold', 'tick', 'decide', 'apply', 'pod created', 'pod started'] as const),
  ...(['connect', 'first byte', 'last byte'] as const),
];

const firstOf = (spans: readonly TraceSpan[], phase: Phase): TraceSpan | undefined =>
  spans
    .filter((span) => phaseOf(span) === phase)
    .reduce<TraceSpan | undefined>(
      (first, span) => (first === undefined || span.startMs < first.startMs ? span : first),
      undefined,
    );

/**
 * Each part ends where its phase ended, or before that, where the next one began: a stage goes
 * on with a message while its sender still waits to hear that it was stored. One that ended before
 * the part before it took no time of its own. Together they are exactly as long as the request.
 * Empty without a request.
 */
export const timeSpent = (spans: readonly TraceSpan[]): readonly TimePart[] => {
  const found = requestIn(spans);
  if (found === undefined) return [];
  const { request } = found;
  const told = inARow.flatMap((phase) => {
    const span = firstOf(found.spans, phase);
    return span === undefined ? [] : [{ phase, span }];
  });
  let startMs = request.startMs;
  return told.map(({ phase, span }, index) => {
    const next = told[index + 1]?.span;
    const ownEndMs = next === undefined ? request.endMs : Math.min(span.endMs, next.startMs);
    const endMs = Math.min(request.endMs, Math.max(startMs, ownEndMs));
    const part = { phase, startMs, durationMs: endMs - startMs };
    startMs = endMs;
    return part;
  });
};
