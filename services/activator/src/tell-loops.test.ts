/** Which seconds are told when the loop is late, stalled, or its clock was moved. */
import { expect, test } from 'vitest';
import { secondsDue, secondsToldMax } from './tell-loops.ts';

const startMs = 1_767_225_600_000;

test('the second that has just ended', () => {
  expect(secondsDue(startMs, startMs + 1_030)).toEqual({
    seconds: [startMs],
    nextAtMs: startMs + 1_000,
  });
});

test('nothing while the second goes on', () => {
  expect(secondsDue(startMs, startMs + 999).seconds).toEqual([]);
});

test('after a stall every second that was missed, oldest first', () => {
  expect(secondsDue(startMs, startMs + 3_700).seconds).toEqual([
    startMs,
    startMs + 1_000,
    startMs + 2_000,
  ]);
});

test('after a long one only what the meters still know', () => {
  const { seconds } = secondsDue(startMs, startMs + 3_600_000);
  expect(seconds).toHaveLength(secondsToldMax);
  expect(seconds.at(-1)).toBe(startMs + 3_599_000);
});

test('a clock that was set back goes on from its new time', () => {
  expect(secondsDue(startMs + 60_000, startMs + 5_500)).toEqual({
    seconds: [],
    nextAtMs: startMs + 5_000,
  });
});
