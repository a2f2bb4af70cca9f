/** What nobody waited for is told apart from what somebody did. */
import { expect, test } from 'vitest';
import type { FinishedSpan } from '../finished-span.ts';
import type { Phase } from '../phases.ts';
import { afterAnswer } from './after-answer.ts';

const phaseSpan = (phase: Phase, startMs: number, endMs: number): FinishedSpan => ({
  traceId: 'a'.repeat(32),
  spanId: phase.padEnd(16, '0'),
  parentSpanId: null,
  name: phase,
  kind: 'internal',
  startMs,
  endMs,
  attributes: { 'flyball.phase': phase },
  links: [],
  error: null,
});

const summary = { kind: 'cold start', startMs: 100, durationMs: 300 } as const;
const received = phaseSpan('received', 100, 400);
const podReady = phaseSpan('pod ready', 350, 900);

test('a pod that is ready after the answer says until when, since the request came', () => {
  const spans = [received, phaseSpan('decide', 90, 110), podReady];
  expect(afterAnswer(summary, spans)).toEqual({ spans: [podReady], untilMs: 800 });
});

test('what another request of the trace still waited for is not after the answer', () => {
  const front = { ...phaseSpan('received', 50, 500), spanId: 'f'.repeat(16) };
  const cold = { ...received, attributes: { ...received.attributes, 'flyball.waited': 1 } };
  const lastByte = { ...phaseSpan('last byte', 400, 500), parentSpanId: front.spanId };
  const untilMs = 800;
  expect(afterAnswer(summary, [front, cold, lastByte, podReady])).toEqual({
    ...{ spans: [podReady], untilMs },
  });
});

test.each([
  ['a pod that is ready before the answer', summary, [received, phaseSpan('pod ready', 350, 399)]],
  ['less than clocks can tell', summary, [received, phaseSpan('pod ready', 350, 400.04)]],
  ['what is no phase', summary, [received, { ...podReady, attributes: {} }]],
  ['a decision', { ...summary, kind: 'decision' } as const, [podReady]],
])('%s is not after the answer', (_what, of, spans) => {
  expect(afterAnswer(of, spans)).toBeUndefined();
});
