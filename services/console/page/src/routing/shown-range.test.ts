/** Stretches of time: by name, or between two moments. */
import { expect, test } from 'vitest';
import { isRangeName, shownStretch, stretchAround } from './shown-range.ts';

test('a named range ends now, another one stands still', () => {
  expect(shownStretch('5m', 1_000_000)).toEqual({ fromMs: 700_000, toMs: 1_000_000 });
  expect(shownStretch({ fromMs: 1, toMs: 2 }, 1_000_000)).toEqual({ fromMs: 1, toMs: 2 });
  expect(isRangeName('toString')).toBe(false);
});

test('what is too short to be looked at is made longer on both sides', () => {
  expect(stretchAround({ fromMs: 10_000, toMs: 11_000 })).toEqual({ fromMs: 8_000, toMs: 13_000 });
  expect(stretchAround({ fromMs: 0, toMs: 60_000 })).toEqual({ fromMs: 0, toMs: 60_000 });
});
