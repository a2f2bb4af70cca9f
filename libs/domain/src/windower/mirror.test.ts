import type { WorkloadKey } from '@flyball/contracts';
import { describe, expect, test } from 'vitest';
import { compareMirror } from './mirror.ts';
import type { SourceSecond } from './source-seconds.ts';

const blind = Number.NaN;
const second = (
  secondAtMs: number,
  rows: readonly (readonly [WorkloadKey, number])[],
): SourceSecond => ({
  ...{ source: 'activator-1', secondAtMs, whole: true },
  workloads: rows.map(([key]) => key),
  concurrencyMilli: Float64Array.from(rows, ([, value]) => value),
  requestsMilli: Float64Array.from(rows, () => 1_000),
});

describe('what is stored and what is in memory', () => {
  test('are the same in whatever order their rows are, and blind is like blind', () => {
    const stored = [
      second(1_000, [
        ['a/one', 5],
        ['a/two', blind],
      ]),
    ];
    expect(
      compareMirror(stored, [
        second(1_000, [
          ['a/one', 5],
          ['a/two', blind],
        ]),
      ]),
    ).toEqual([]);
    expect(
      compareMirror(stored, [
        second(1_000, [
          ['a/two', blind],
          ['a/one', 5],
        ]),
      ]),
    ).toEqual([]);
  });

  test('differ in a value', () => {
    const differences = compareMirror(
      [
        second(1_000, [
          ['a/one', 5],
          ['a/two', 7],
        ]),
      ],
      [
        second(1_000, [
          ['a/one', 5],
          ['a/two', blind],
        ]),
      ],
    );
    expect(differences).toEqual([
      {
        ...{ source: 'activator-1', secondAtMs: 1_000, workload: 'a/two' },
        ...{ what: 'concurrency', stored: 7, mirrored: blind },
      },
    ]);
  });

  test('differ in a workload that one of them does not have', () => {
    const differences = compareMirror(
      [second(1_000, [['a/one', 5]])],
      [
        second(1_000, [
          ['a/one', 5],
          ['a/two', 7],
        ]),
      ],
    );
    expect(differences.map(({ what, stored, mirrored }) => [what, stored, mirrored])).toEqual([
      ['concurrency', null, 7],
      ['requests', null, 1_000],
    ]);
  });

  test('differ in a whole second, unless it is older than what is compared', () => {
    const [stored, mirrored] = [[second(1_000, [['a/one', 5]])], [second(2_000, [['a/one', 5]])]];
    expect(compareMirror(stored, mirrored).map((one) => [one.secondAtMs, one.stored])).toEqual([
      [1_000, 5],
      [1_000, 1_000],
      [2_000, null],
      [2_000, null],
    ]);
    expect(compareMirror(stored, mirrored, 3_000)).toEqual([]);
  });
});
