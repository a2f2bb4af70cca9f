import { describe, expect, test } from 'vitest';
import { median, microsecondsOf, type Round, ratiosOf } from './rounds.ts';

const round = (core: number, go?: number): Round =>
  new Map([
    ['core', { microseconds: core, perSecond: 1_000 }],
    ...(go === undefined ? [] : [['go', { microseconds: go, perSecond: 2_000 }] as const]),
  ]);

describe('rounds', () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
    [[], Number.NaN],
  ])('the median of %j is %d', (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  test('ratios are of the same round, and only of those that have both', () => {
    const rounds = [round(30, 60), round(90, 100), round(50)];
    expect(ratiosOf(rounds, 'core', 'go')).toEqual([0.5, 0.9]);
    expect(ratiosOf(rounds, 'core', 'haproxy')).toEqual([]);
    expect(microsecondsOf(rounds, 'core')).toBe(50);
  });
});
