/** Lines over one axis. */
import { expect, test } from 'vitest';
import type { Point } from '../../../src/wire.ts';
import { aligned, holding, thinned } from './aligned.ts';

test('steps hold until the next one, lines are where they are', () => {
  const line = {
    kind: 'line',
    points: [
      [10, 1],
      [20, null],
      [30, 3],
    ],
  } as const;
  const step = {
    kind: 'step',
    points: [
      [0, 2],
      [25, 5],
    ],
  } as const;
  expect(aligned([line, step], 5, 40)).toEqual({
    momentsMs: [5, 10, 20, 25, 30, 40],
    values: [
      [undefined, 1, null, null, 3, undefined],
      [2, 2, 2, 5, 5, 5],
    ],
  });
});

test('a line at zero stays a gap while other lines go on, until it is measured again', () => {
  const average = {
    kind: 'line',
    points: [
      [10, 4],
      [20, null],
      [60, 1],
    ],
  } as const;
  const others = {
    kind: 'step',
    points: [30, 40, 50, 55, 65].map((atMs) => [atMs, 0] as const),
  } as const;
  const { momentsMs, values } = aligned([average, others], 0, 70);
  expect(momentsMs).toEqual([0, 10, 20, 30, 40, 50, 55, 60, 65, 70]);
  expect(values[0]).toEqual([
    ...[undefined, 4, null, null, null, null, null],
    ...[1, undefined, undefined],
  ]);
});

test('a gap from before the stretch is one at its beginning too', () => {
  const average = {
    kind: 'line',
    points: [
      [5, null],
      [30, 2],
    ],
  } as const;
  expect(aligned([average], 10, 40).values).toEqual([[null, 2, undefined]]);
});

test('of several values of a moment the last one counts', () => {
  const step = {
    kind: 'step',
    points: [
      [10, 1],
      [10, 2],
    ],
  } as const;
  expect(aligned([step], 0, 20).values).toEqual([[undefined, 2, 2]]);
});

test('what is outside of the stretch makes no moments', () => {
  const line = {
    kind: 'line',
    points: [
      [1, 1],
      [99, 2],
    ],
  } as const;
  expect(aligned([line], 10, 20)).toEqual({
    momentsMs: [10, 20],
    values: [[undefined, undefined]],
  });
});

test('thinning keeps the peaks, the lows and the gaps, in order', () => {
  const points = Array.from({ length: 1_000 }, (_, at): Point => {
    if (at === 500) return [at, null];
    return [at, at === 333 ? 99 : at === 666 ? -1 : 5];
  });
  const few = thinned(points, 100);
  expect(few.length).toBeLessThanOrEqual(150);
  expect(few).toEqual(
    expect.arrayContaining([
      [333, 99],
      [500, null],
      [666, -1],
    ]),
  );
  expect(few.map(([at]) => at)).toEqual(few.map(([at]) => at).toSorted((a, b) => a - b));
  expect(thinned(points, 1_000)).toBe(points);
});

test('an average that has not changed holds until it does', () => {
  expect(
    holding([
      [0, 1],
      [2_000, 2],
      [20_000, 9],
      [30_000, 9],
      [40_000, null],
      [60_000, 3],
    ]),
  ).toEqual([
    [0, 1],
    [2_000, 2],
    [18_000, 2],
    [20_000, 9],
    [30_000, 9],
    [40_000, null],
    [60_000, 3],
  ]);
});
