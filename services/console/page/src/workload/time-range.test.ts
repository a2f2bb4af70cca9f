/** Stretches of time and the moments in them. */
import { expect, test } from 'vitest';
import { indexAt, isRangeName, momentBeside, shownSpan, spanAround } from './time-range.ts';

test('a named range ends now, another one stands still', () => {
  expect(shownSpan('5m', 1_000_000)).toEqual({ fromMs: 700_000, toMs: 1_000_000 });
  expect(shownSpan({ fromMs: 1, toMs: 2 }, 1_000_000)).toEqual({ fromMs: 1, toMs: 2 });
  expect(isRangeName('toString')).toBe(false);
});

test('what is too short to be looked at is made longer on both sides', () => {
  expect(spanAround({ fromMs: 10_000, toMs: 11_000 })).toEqual({ fromMs: 8_000, toMs: 13_000 });
  expect(spanAround({ fromMs: 0, toMs: 60_000 })).toEqual({ fromMs: 0, toMs: 60_000 });
});

test.each([
  [null, -1, 30],
  [null, 1, 30],
  [20, 1, 30],
  [20, -1, 10],
  [10, -1, 10],
  [25, 1, 30],
  [25, -1, 20],
  [99, -1, 30],
  [20, -9, 10],
])('from %s, %i steps lead to %i', (atMs, steps, expected) => {
  expect(momentBeside([10, 20, 30], atMs, steps)).toBe(expected);
});

test('without moments there is none to go to', () => {
  expect(momentBeside([], 5, 1)).toBeUndefined();
});

test.each([
  [9, -1],
  [10, 0],
  [19, 0],
  [30, 2],
  [99, 2],
])('at %i the value of index %i holds', (atMs, index) => {
  expect(indexAt([10, 20, 30], atMs)).toBe(index);
});
