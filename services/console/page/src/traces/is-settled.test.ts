/** A trace is asked for as long as something of it may be told, and no longer. */
import { expect, test } from 'vitest';
import type { TraceSpan, TraceTold } from '../../../src/wire.ts';
import { isDue, isSettled } from './is-settled.ts';
import { phaseSpan } from './span-fixture.ts';

const told = (kind: TraceTold['summary']['kind'], spans: readonly TraceSpan[]): TraceTold => ({
  summary: {
    traceId: 'ab',
    kind,
    workload: 'default/web',
    workloads: ['default/web'],
    name: 'GET',
    startMs: 0,
    durationMs: 300,
    spans: spans.length,
    dropped: 0,
    error: null,
    phases: [],
  },
  spans,
  events: [],
  eventsAway: null,
});
const coldStart = told('cold start', [phaseSpan('received', 0, 300), phaseSpan('held', 0, 200)]);

test('half a minute after it was opened or ended, nothing more comes of it', () => {
  const openedAtMs = 1_000_000;
  expect(isSettled(coldStart, { openedAtMs, nowMs: openedAtMs + 30_000 })).toBe(false);
  expect(isSettled(coldStart, { openedAtMs, nowMs: openedAtMs + 30_001 })).toBe(true);
  expect(isSettled(coldStart, { openedAtMs: 0, nowMs: 30_300 })).toBe(false);
  expect(isSettled(coldStart, { openedAtMs: 0, nowMs: 30_301 })).toBe(true);
});

test('a request that is still held is waited for', () => {
  const held = told('cold start', [phaseSpan('decide', 10, 20)]);
  expect(isSettled(held, { openedAtMs: 0, nowMs: 300_000 })).toBe(false);
  expect(isSettled(held, { openedAtMs: 0, nowMs: 600_021 })).toBe(true);
});

test('a decision is not waited for: nobody asked', () => {
  const decision = told('decision', [phaseSpan('decide', 10, 20)]);
  expect(isSettled(decision, { openedAtMs: 0, nowMs: 30_021 })).toBe(true);
});

test('what is settled is asked for now and then: a request may be held for an hour', () => {
  const applied = told('decision', [phaseSpan('decide', 10, 20), phaseSpan('apply', 20, 40)]);
  const at = { openedAtMs: 0, askedAtMs: 3_000_000 };
  expect(isDue(applied, { ...at, nowMs: 3_029_999 })).toBe(false);
  expect(isDue(applied, { ...at, nowMs: 3_030_000 })).toBe(true);
});

test('what is not settled, or did not come yet, is asked for each time', () => {
  const at = { openedAtMs: 1_000_000, askedAtMs: 1_003_000, nowMs: 1_006_000 };
  expect(isDue(coldStart, at)).toBe(true);
  expect(isDue(null, at)).toBe(true);
});
