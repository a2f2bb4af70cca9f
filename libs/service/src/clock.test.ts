/** Loops that look around equally often wake their process together. */
import { expect, it } from 'vitest';
import { type Clock, sleepInStep, sleepUntilTurn, turnInRoundMs } from './clock.ts';

const clockAt = (atMs: number, waits: number[]): Clock => ({
  nowMs: () => 7,
  monotonicMs: () => atMs,
  after: (delayMs) => {
    waits.push(delayMs);
    return () => undefined;
  },
});

it.each([
  [0, 500],
  [1, 499],
  [499, 1],
  [1_250.5, 249.5],
])('at %d ms the next half second is %d ms away', (atMs, waitMs) => {
  const waits: number[] = [];
  void sleepInStep(clockAt(atMs, waits), 500, new AbortController().signal);
  expect(waits).toEqual([waitMs]);
});

it.each([
  [0, 0, 60_000],
  [0, 59_999, 1],
  [1, 0, turnInRoundMs(1, 60_000)],
  [1, turnInRoundMs(1, 60_000) + 60_010, 59_990],
  [1, turnInRoundMs(1, 60_000) - 1e-7, 60_000],
])('the next turn of partition %d at %d ms is %d ms away', (partition, atMs, waitMs) => {
  const waits: number[] = [];
  const round = { partition, everyMs: 60_000 };
  void sleepUntilTurn(clockAt(atMs, waits), round, new AbortController().signal);
  expect(waits[0]).toBeCloseTo(waitMs, 6);
});

it.each([2, 8, 16])('the turns of %d partitions lie at least half a share apart', (count) => {
  const turns = Array.from({ length: count }, (_, partition) => turnInRoundMs(partition, 1));
  const inOrder = [...turns.toSorted((one, other) => one - other), 1];
  const gaps = inOrder.slice(1).map((turn, index) => turn - (inOrder[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.5 / count);
});
