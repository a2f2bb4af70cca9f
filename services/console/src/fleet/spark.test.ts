/** A sparkline says more only while it is not flat. */
import { expect, it } from 'vitest';
import { createSpark } from './spark.ts';

it('keeps the newest sixty values', () => {
  const spark = createSpark();
  for (let value = 0; value < 100; value += 1) expect(spark.push(value)).toBe(true);
  expect(spark.values).toHaveLength(60);
  expect([spark.values[0], spark.values.at(-1)]).toEqual([40, 99]);
});

it('does not change while it is flat, and does again after a burst has left it', () => {
  const spark = createSpark();
  expect([spark.push(0), spark.push(0), spark.push(0)]).toEqual([true, false, false]);
  expect(spark.values).toEqual([0]);
  expect(spark.push(50)).toBe(true);
  // Sixty more, and the burst is no longer in it.
  const moved = Array.from({ length: 62 }, () => spark.push(0));
  expect(moved.slice(0, 60)).not.toContain(false);
  expect(moved.at(-1)).toBe(false);
  expect(new Set(spark.values)).toEqual(new Set([0]));
});

it('shows what was not measured as a gap', () => {
  const spark = createSpark();
  for (const value of [1, null, null, 2]) spark.push(value);
  expect(spark.values).toEqual([1, null, null, 2]);
});
