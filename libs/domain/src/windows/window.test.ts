/** The window's rules, one by one. */
import { describe, expect, test } from 'vitest';
import { averagesAt, exactAveragesAt } from './averages.ts';
import {
  createWindow,
  isWindowEmpty,
  recordSample,
  resizeWindow,
  windowAverage,
} from './window.ts';

const filled = (windowMs: number, values: readonly number[], from = 100) => {
  const window = createWindow('linear', windowMs);
  for (const [index, value] of values.entries()) recordSample(window, from + index, value);
  return window;
};

describe('the linear average', () => {
  test('divides by the seconds since the first sample until the window is full', () => {
    expect(windowAverage(filled(60_000, [1, 2, 6]), 102)).toBe(3);
    expect(windowAverage(filled(2_000, [1, 2, 6]), 102)).toBe(4);
  });

  test('samples of the same second add up', () => {
    const window = filled(60_000, [1]);
    recordSample(window, 100, 2);
    expect(windowAverage(window, 100)).toBe(3);
  });

  test('gaps between samples are zero, silence at the end is not', () => {
    const window = filled(60_000, [6]);
    recordSample(window, 102, 6);
    expect(windowAverage(window, 102)).toBe(4);
    expect(windowAverage(window, 110)).toBe(4);
  });

  test('silence takes the oldest seconds off', () => {
    expect(windowAverage(filled(3_000, [1, 2, 9]), 103)).toBe(5.5);
    expect(windowAverage(filled(3_000, [1, 2, 9]), 104)).toBe(9);
  });

  test('after exactly a window of silence it is zero, one second later there is no data', () => {
    const window = filled(3_000, [1, 2, 9]);
    expect(windowAverage(window, 105)).toBe(0);
    expect(isWindowEmpty(window, 105)).toBe(false);
    expect(isWindowEmpty(window, 106)).toBe(true);
  });

  test('a gap of a whole window starts over', () => {
    const window = filled(3_000, [1, 2, 9]);
    recordSample(window, 105, 7);
    expect(windowAverage(window, 105)).toBe(7);
  });

  test('a late sample counts within the window and moves its beginning back', () => {
    const window = filled(3_000, [4], 102);
    recordSample(window, 101, 2);
    expect(windowAverage(window, 102)).toBe(3);
    recordSample(window, 99, 100);
    expect(windowAverage(window, 102)).toBe(3);
  });

  test('a sample ahead of now counts at once', () => {
    expect(windowAverage(filled(60_000, [1, 3]), 100)).toBe(2);
  });

  test('has six decimals, halves away from zero', () => {
    expect(windowAverage(filled(60_000, [1, 0, 0]), 102)).toBe(0.333333);
    expect(windowAverage(filled(60_000, [2, 0, 0]), 102)).toBe(0.666667);
    expect(windowAverage(filled(60_000, [-2, 0, 0]), 102)).toBe(-0.666667);
  });
});

describe('the weighted average', () => {
  test('starts low: the first sample alone gives its share', () => {
    const window = createWindow('weighted-exponential', 60_000);
    recordSample(window, 100, 10);
    expect(windowAverage(window, 100)).toBeCloseTo(10 * 0.2, 12);
    expect(windowAverage(window, 102)).toBeCloseTo(10 * 0.2 * 0.8 ** 2, 12);
  });

  test('of a short window lets older seconds fade faster', () => {
    const window = createWindow('weighted-exponential', 6_000);
    const share = 1 - (1 - 0.9999) ** (1 / 6);
    recordSample(window, 100, 10);
    recordSample(window, 101, 20);
    expect(windowAverage(window, 101)).toBeCloseTo(20 * share + 10 * share * (1 - share), 12);
  });
});

describe('another length', () => {
  test('keeps the newest seconds when it shrinks', () => {
    const window = filled(6_000, [1, 2, 3, 4]);
    resizeWindow(window, 2_000, 103);
    expect(windowAverage(window, 103)).toBe(3.5);
  });

  test('counts from the old length when it grows, so the average drops for a while', () => {
    const window = filled(6_000, [6, 6]);
    resizeWindow(window, 12_000, 101);
    expect(windowAverage(window, 101)).toBe(2);
  });

  test('forgets what is older than a whole window, and changes nothing when it is the same', () => {
    const window = filled(6_000, [6, 6]);
    resizeWindow(window, 6_000, 500);
    expect(windowAverage(window, 101)).toBe(6);
    resizeWindow(window, 12_000, 500);
    expect(isWindowEmpty(window, 101)).toBe(true);
  });
});

describe('both averages', () => {
  test('are exact in the unit recorded, and whole where they are sent', () => {
    const [stable, panic] = [filled(60_000, [1, 0, 0]), filled(1_000, [1, 0, 0])];
    expect(exactAveragesAt(stable, panic, 102)).toEqual({ stable: 0.333333, panic: 0 });
    const milli = filled(60_000, [1000, 0, 0]);
    expect(averagesAt(milli, panic, 102)).toEqual({ stableMilli: 333, panicMilli: 0 });
  });

  test('the stable window alone says whether there is data', () => {
    const [stable, panic] = [filled(6_000, [5]), filled(1_000, [5])];
    expect(exactAveragesAt(stable, panic, 103)).toEqual({ stable: 5, panic: 0 });
    expect(exactAveragesAt(stable, panic, 106)).toEqual({ stable: 0, panic: 0 });
    expect(exactAveragesAt(stable, panic, 107)).toBeNull();
  });
});
