/** What windows do at their edges: parts of seconds, halves, and what is just not a thousandth. */
import { describe, expect, test } from 'vitest';
import { averagesAt } from './averages.ts';
import { createWindow, recordSample, type Window, windowAverage } from './window.ts';

const filled = (windowMs: number, values: readonly number[]): Window => {
  const window = createWindow('linear', windowMs);
  for (const [second, value] of values.entries()) recordSample(window, second, value);
  return window;
};

describe('a window of 2.5 s', () => {
  test('has room for the part of a second: three seconds count', () => {
    expect(windowAverage(filled(2500, [9, 1, 2, 6]), 3)).toBe(3);
  });
});

describe('an average', () => {
  test.each([
    [0.0000005, 0.000001],
    [-0.0000005, -0.000001],
    [0.00000049, 0],
  ])('of %d is told as %d: halves go away from zero', (value, told) => {
    expect(windowAverage(filled(60_000, [value]), 0) + 0).toBe(told);
  });

  test('on the wire is the nearest thousandth, not the one below', () => {
    const window = filled(60_000, [2000, 0, 0]);
    expect(averagesAt(window, window, 2)).toEqual({ stableMilli: 667, panicMilli: 667 });
  });
});
