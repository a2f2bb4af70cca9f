/** Charts without eyes. */
import { expect, test } from 'vitest';
import { clockTime } from '../format/time.ts';
import { seriesOf } from './series-fixture.ts';
import { momentOf, momentsOf, seriesSentence, tableMoments } from './series-table.ts';

const series = seriesOf({
  concurrency: [
    [1_000, 0],
    [2_000, 50],
    [3_000, 30],
  ],
  stable: [
    [1_500, 0],
    [3_500, 20],
  ],
  wanted: [
    [0, 0],
    [2_100, 5],
  ],
  ready: [
    [0, 0],
    [2_500, 3],
    [2_900, 5],
  ],
  panics: [[2_100, null]],
  marks: [
    { atMs: 2_600, kind: 'cold start', sentence: '200 from a pod', eventId: 'c', traceId: 'ab' },
  ],
});
const stretch = { fromMs: 500, toMs: 4_000 };

test('one sentence tells the peak, the replicas, panics and cold starts', () => {
  expect(seriesSentence(series, stretch)).toBe(
    `From ${clockTime(500)} to ${clockTime(4_000)}: load up to 50 in flight at ` +
      `${clockTime(2_000)}; 0 to 5 replicas ready, at the end 5 of 5; 1 panic; 1 cold start.`,
  );
  expect(seriesSentence(seriesOf(), stretch)).toContain(
    'no load; 0 replicas ready, at the end 0 of 0; 0 panics; 0 cold starts.',
  );
});

test('a moment has the last values by then', () => {
  expect(momentOf(series, 2_700)).toEqual({
    ...{ atMs: 2_700, concurrency: 50, stable: 0, panic: null, target: null },
    ...{ wanted: 5, applied: null, ready: 3, waiting: 0 },
  });
});

test('one stops at ticks, decisions, pods and marks', () => {
  expect(momentsOf(series, stretch)).toEqual([1_500, 2_100, 2_500, 2_600, 2_900, 3_500]);
});

test('a table of few rows loses no peak', () => {
  const rows = tableMoments(series, { fromMs: 0, toMs: 4_000 }, 2);
  expect(rows.map(({ atMs, concurrency, ready }) => [atMs, concurrency, ready])).toEqual([
    [2_000, 50, 0],
    [4_000, 50, 5],
  ]);
});
