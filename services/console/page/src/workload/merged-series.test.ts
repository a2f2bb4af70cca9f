/** A series that goes on. */
import { expect, test } from 'vitest';
import type { Mark } from '../../../src/wire.ts';
import { mergedSeries } from './merged-series.ts';
import { seriesOf } from './series-fixture.ts';

const mark = (eventId: string, atMs: number): Mark => ({
  ...{ eventId, atMs, kind: 'policy', sentence: eventId, traceId: null },
});

test('a tail replaces what it tells anew, and goes on', () => {
  const before = seriesOf({
    stable: [
      [10, 1],
      [50, 2],
      [90, 3],
    ],
    wanted: [
      [0, 0],
      [82, 5],
    ],
  });
  const tail = seriesOf({
    ...{ fromMs: 80, toMs: 200 },
    stable: [
      [90, 4],
      [120, 5],
    ],
    wanted: [
      [70, 0],
      [85, 5],
      [150, 1],
    ],
  });
  const merged = mergedSeries(before, tail, 0);
  expect(merged.stable).toEqual([
    [10, 1],
    [50, 2],
    [90, 4],
    [120, 5],
  ]);
  expect(merged.wanted).toEqual([
    [0, 0],
    [85, 5],
    [150, 1],
  ]);
  expect(merged).toMatchObject({ fromMs: 0, toMs: 200 });
});

test('what has left the stretch goes, but for the step that holds in it', () => {
  const before = seriesOf({
    ready: [
      [0, 0],
      [20, 3],
      [40, 5],
    ],
    marks: [mark('a', 20)],
  });
  const merged = mergedSeries(before, seriesOf({ fromMs: 90, toMs: 200 }), 30);
  expect(merged.ready).toEqual([
    [20, 3],
    [40, 5],
  ]);
  expect(merged.marks).toEqual([]);
  expect(merged.fromMs).toBe(30);
});

test('what holds at the beginning of a tail is no new value', () => {
  const before = seriesOf({
    stable: [
      [10, 7],
      [70, 50],
    ],
  });
  const tail = seriesOf({
    fromMs: 80,
    stable: [
      [80, 50],
      [90, 42],
    ],
  });
  expect(mergedSeries(before, tail, 0).stable).toEqual([
    [10, 7],
    [70, 50],
    [90, 42],
  ]);
});

test('a tail whose first step holds from before it is taken where nothing was known', () => {
  const merged = mergedSeries(seriesOf(), seriesOf({ fromMs: 90, ready: [[60, 2]] }), 0);
  expect(merged.ready).toEqual([[60, 2]]);
});

test('a panic that goes on in the tail is one', () => {
  const before = seriesOf({
    panics: [
      [5, 9],
      [60, null],
    ],
  });
  const still = seriesOf({
    fromMs: 80,
    panics: [
      [80, 110],
      [150, null],
    ],
  });
  expect(mergedSeries(before, still, 0).panics).toEqual([
    [5, 9],
    [60, 110],
    [150, null],
  ]);
  const over = seriesOf({ fromMs: 80, panics: [[60, 85]] });
  expect(mergedSeries(before, over, 6).panics).toEqual([
    [5, 9],
    [60, 85],
  ]);
});

test('a mark that is told twice is one', () => {
  const before = seriesOf({ marks: [mark('a', 10), mark('b', 85)] });
  const tail = seriesOf({ fromMs: 80, marks: [mark('b', 85), mark('c', 90)] });
  const { marks } = mergedSeries(before, tail, 0);
  expect(marks.map(({ eventId }) => eventId)).toEqual(['a', 'b', 'c']);
});

test('after a gap nothing from before it is shown as current', () => {
  const before = seriesOf({
    wanted: [[20, 5]],
    applied: [[30, 5]],
    ready: [[40, 5]],
    waiting: [[50, 3]],
    stable: [[90, 48]],
    panics: [[60, null]],
    marks: [mark('a', 90)],
  });
  const tail = seriesOf({
    ...{ fromMs: 900, toMs: 1_200 },
    wanted: [[900, 1]],
    applied: [[900, 1]],
    ready: [[900, 1]],
    waiting: [[900, 0]],
    stable: [[900, 2]],
    panics: [[1_000, 1_100]],
  });
  expect(mergedSeries(before, tail, 900)).toEqual(tail);
});
