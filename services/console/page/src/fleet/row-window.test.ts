/** Of ten thousand rows only those in sight are drawn. */
import { expect, test } from 'vitest';
import { rowWindow, scrollTo } from './row-window.ts';

const sight = { count: 10_000, rowPx: 40, scrolledPx: 0, heightPx: 800 };

test('at the top, in the middle and at the end', () => {
  expect(rowWindow(sight)).toEqual({ first: 0, end: 29, topPx: 0, heightPx: 400_000 });
  const middle = rowWindow({ ...sight, scrolledPx: 200_010 });
  expect(middle).toMatchObject({ first: 4_992, end: 5_029, topPx: 199_680 });
  expect(rowWindow({ ...sight, scrolledPx: 399_200 })).toMatchObject({ end: 10_000 });
});

test('every row in sight is drawn, wherever one has scrolled to', () => {
  for (let scrolledPx = 0; scrolledPx <= 399_200; scrolledPx += 1_337) {
    const { first, end } = rowWindow({ ...sight, scrolledPx });
    expect(first * 40).toBeLessThanOrEqual(scrolledPx);
    expect(end * 40).toBeGreaterThanOrEqual(Math.min(400_000, scrolledPx + 800));
    expect(end - first).toBeLessThan(45);
  }
});

test('a filter that leaves few rows shows them, although one had scrolled far', () => {
  expect(rowWindow({ ...sight, count: 3, scrolledPx: 9_000 })).toMatchObject({ first: 0, end: 3 });
  expect(rowWindow({ ...sight, count: 0 })).toMatchObject({ first: 0, end: 0, heightPx: 0 });
});

test('a row is brought into sight by the shortest way', () => {
  const scrolled = { ...sight, scrolledPx: 4_000 };
  expect(scrollTo(50, scrolled)).toBe(2_000);
  expect(scrollTo(110, scrolled)).toBe(4_000);
  expect(scrollTo(120, scrolled)).toBe(4_040);
});
