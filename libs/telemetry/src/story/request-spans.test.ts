/** A request is told as far as it was seen, end to end, and below whom it belongs. */
import { expect, test } from 'vitest';
import type { FinishedSpan } from '../finished-span.ts';
import {
  applied,
  coldRequest,
  coldStart,
  decided,
  receivedAtMs,
  requestContext,
} from '../testing/cold-start-story.ts';
import { coldStartSpans } from './cold-start-spans.ts';
import { requestSpans } from './request-spans.ts';

const workload = 'default/web';
const request = coldRequest;
const scaled = applied('decided', decided);
const at = (startMs: number, endMs: number) => ({
  startMs: receivedAtMs + startMs,
  endMs: receivedAtMs + endMs,
});

const phaseOf = ({ attributes }: FinishedSpan) => attributes['flyball.phase'];
const byPhase = (spans: readonly FinishedSpan[], phase: string): FinishedSpan => {
  const found = spans.filter((span) => phaseOf(span) === phase);
  expect(found, phase).toHaveLength(1);
  return found[0] as FinishedSpan;
};

test('moments that were not seen are not told; those that are lie end to end', () => {
  const unseen = coldStart({
    podAppearedAtMs: null,
    podAddressKnownAtMs: null,
    podReadyAtMs: null,
    appliedAtMs: null,
    connectedAtMs: null,
  });
  const spans = coldStartSpans({ event: unseen, workload, request, appliedEventId: null });
  expect(spans.map(phaseOf)).toEqual(['received', 'held', 'first byte', 'last byte']);
  expect(byPhase(spans, 'held')).toMatchObject(at(0, 112));
  expect(byPhase(spans, 'first byte')).toMatchObject(at(112, 112));
});

test('a pod whose scale is not known lies below the request', () => {
  const event = coldStart({ appliedAtMs: null, decidedAtMs: null, podAppearedAtMs: null });
  const spans = coldStartSpans({ event, workload, request, appliedEventId: null });
  expect(byPhase(spans, 'pod started')).toMatchObject({
    ...at(0, 20),
    parentSpanId: requestContext.spanId,
  });
});

test('moments out of order make no span that ends before it begins', () => {
  const event = coldStart({
    podAddressKnownAtMs: receivedAtMs + 130,
    connectedAtMs: receivedAtMs + 90,
    podAppearedAtMs: receivedAtMs + 5,
    podReadyAtMs: receivedAtMs + 3,
  });
  const spans = coldStartSpans({ event, workload, request, appliedEventId: scaled.id });
  for (const { startMs, endMs, name } of spans) expect(endMs, name).toBeGreaterThanOrEqual(startMs);
});

test('a cold start that failed says so', () => {
  const event = coldStart({ status: 504, pod: '', connectedAtMs: null, firstByteAtMs: null });
  const spans = coldStartSpans({ event, workload, request, appliedEventId: null });
  expect(byPhase(spans, 'received').error).toBe('answered 504');
  expect(byPhase(spans, 'received').attributes).not.toHaveProperty('flyball.pod');
});

test('an ordinary request that was held links to the one it was held with', () => {
  const moments = {
    receivedAtMs,
    releasedAtMs: receivedAtMs + 5,
    connectedAtMs: null,
    firstByteAtMs: receivedAtMs + 8,
    lastByteAtMs: receivedAtMs + 9,
  };
  const own = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  const facts = { ...request, context: own, parentSpanId: null };
  const base = { request: facts, moments, workload, pod: 'web-1', status: 200 } as const;
  const [first, ...parts] = requestSpans({ ...base, heldWith: requestContext });
  expect(first).toMatchObject({ ...own, parentSpanId: null });
  expect(first?.links).toEqual([
    { ...requestContext, attributes: { 'flyball.link': 'held with' } },
  ]);
  expect(parts.map(phaseOf)).toEqual(['held', 'first byte', 'last byte']);
  expect(requestSpans({ ...base, status: null })[0]?.error).toMatch(/the client left/);
});
