/** Fewer points, the same picture. */
import { expect, it } from 'vitest';
import type { Point } from '../wire.ts';
import { pointsMax, thin } from './thin.ts';

const flat = (count: number): Point[] => Array.from({ length: count }, (_, at) => [at, 5]);

it('leaves a short line as it is', () => {
  const points = flat(pointsMax);
  expect(thin(points)).toBe(points);
});

it('keeps a burst, a dip and a gap of one second, in order, in far fewer points', () => {
  const points = flat(86_400);
  points[40_000] = [40_000, 500];
  points[50_001] = [50_001, 0];
  points[60_002] = [60_002, null];
  const thinned = thin(points);
  expect(thinned.length).toBeLessThanOrEqual(pointsMax);
  expect(thinned).toContainEqual([40_000, 500]);
  expect(thinned).toContainEqual([50_001, 0]);
  expect(thinned).toContainEqual([60_002, null]);
  expect([thinned[0], thinned.at(-1)]).toEqual([points[0], points.at(-1)]);
  const times = thinned.map(([atMs]) => atMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

it.each([2_001, 2_500, 4_999, 10_000, 86_400])(
  'of %i points it keeps no more than it may',
  (count) => {
    const noisy = Array.from({ length: count }, (_, at): Point => [at, (at * 7_919) % 1_009]);
    const thinned = thin(noisy);
    expect(thinned.length).toBeLessThanOrEqual(pointsMax);
    expect(Math.max(...thinned.map(([, value]) => value ?? 0))).toBe(1_008);
  },
);
