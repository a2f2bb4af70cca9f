/** What holds at a moment is the last that came before it, however much was let go. */
import { expect, it } from 'vitest';
import { createPointLog } from './point-log.ts';

const open = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

it('gives what is between two moments, both included, and what held before', () => {
  const log = createPointLog(() => open);
  for (const atMs of [10, 20, 30]) log.push(atMs, atMs / 10);
  log.push(40, null);
  expect(log.between(20, 40)).toEqual([
    [20, 2],
    [30, 3],
    [40, null],
  ]);
  expect([log.at(9), log.at(10), log.at(29), log.at(99)]).toEqual([undefined, 1, 2, null]);
});

it('keeps its order when a clock was set back', () => {
  const log = createPointLog(() => open);
  log.push(10, 1);
  log.push(5, 2);
  expect(log.between(0, 100)).toEqual([
    [10, 1],
    [10, 2],
  ]);
  expect(log.at(10)).toBe(2);
});

it('passes by what is later than its stretch, and keeps of what is earlier the last', () => {
  const log = createPointLog(() => ({ fromMs: 100, toMs: 200 }));
  for (const atMs of [10, 50, 90, 150, 200, 201]) log.push(atMs, atMs);
  expect(log.between(0, 1_000).map(([atMs]) => atMs)).toEqual([90, 150, 200]);
  expect(log.at(100)).toBe(90);
});

it('lets go of many at once, and of none that still holds', () => {
  const log = createPointLog(() => open);
  for (let atMs = 1; atMs <= 3_000; atMs += 1) log.push(atMs, atMs);
  log.dropBefore(500);
  expect(log.at(1)).toBe(1);
  log.dropBefore(2_500);
  expect(log.at(2_499)).toBeUndefined();
  expect(log.at(2_500)).toBe(2_500);
});
