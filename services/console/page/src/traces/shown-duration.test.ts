/** A trace says how long its client waited. */
import { expect, test } from 'vitest';
import { shownDurationMs } from './shown-duration.ts';

test('a pod that is ready after the answer makes no request longer', () => {
  const phases = [
    { phase: 'received', startMs: 100, durationMs: 123 },
    { phase: 'pod ready', startMs: 200, durationMs: 31 },
  ] as const;
  expect(shownDurationMs({ phases, durationMs: 131 })).toBe(123);
});

test('without a request all of it counts', () => {
  const phases = [{ phase: 'decide', startMs: 100, durationMs: 7 }] as const;
  expect(shownDurationMs({ phases, durationMs: 20 })).toBe(20);
});
