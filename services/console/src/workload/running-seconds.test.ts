/** Seconds that are in no minute yet: sources add up, and blind is not idle. */
import type { SamplesReportedData } from '@flyball/contracts';
import { expect, it } from 'vitest';
import { createRunningSeconds } from './running-seconds.ts';

const batch = (
  source: string,
  secondAtMs: number,
  milli: number | null,
  told: Partial<SamplesReportedData> = {},
): SamplesReportedData => ({
  ...{ source, secondAtMs, partial: false, covered: [] },
  rows: {
    workloads: ['a/web'],
    concurrencyMilli: [milli],
    requestsMilli: [milli === null ? null : 2 * milli],
    inFlight: [0],
    traceparents: [null],
  },
  ...told,
});
const noRows = {
  ...{ workloads: [], concurrencyMilli: [], requestsMilli: [], inFlight: [], traceparents: [] },
};

it('adds the sources of a second, and takes the newest word of each', () => {
  const seconds = createRunningSeconds('a/web');
  seconds.take(batch('one', 1_000, 1_000, { partial: true }));
  seconds.take(batch('one', 1_000, 3_000));
  seconds.take(batch('two', 1_000, 500));
  expect(seconds.points('concurrency')).toEqual([[1_000, 3.5]]);
  expect(seconds.points('requests')).toEqual([[1_000, 7]]);
});

it('tells zero from nothing', () => {
  const seconds = createRunningSeconds('a/web');
  seconds.take(batch('one', 1_000, 0, { rows: noRows, covered: ['a/web'] }));
  seconds.take(batch('one', 2_000, 0, { rows: noRows, covered: ['a/other'] }));
  seconds.take(batch('one', 3_000, null));
  seconds.take(batch('two', 3_000, 1_000));
  seconds.take(batch('one', 4_000, 2_000));
  expect(seconds.points('concurrency')).toEqual([
    [1_000, 0],
    [2_000, null],
    [3_000, null],
    [4_000, 2],
  ]);
});

it('lets go of what a minute holds, and of what no minute will', () => {
  const seconds = createRunningSeconds('a/web');
  for (let second = 0; second < 400; second += 1) seconds.take(batch('one', second * 1_000, 1_000));
  expect(seconds.points('concurrency')).toHaveLength(300);
  seconds.dropBefore(390_000);
  expect(seconds.points('concurrency')).toHaveLength(10);
});
