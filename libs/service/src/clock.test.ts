/** Loops that look around equally often wake their process together. */
import { expect, it } from 'vitest';
import { type Clock, sleepInStep } from './clock.ts';

it.each([
  [0, 500],
  [1, 499],
  [499, 1],
  [1_250.5, 249.5],
])('at %d ms the next half second is %d ms away', (atMs, waitMs) => {
  const waits: number[] = [];
  const clock: Clock = {
    nowMs: () => 7,
    monotonicMs: () => atMs,
    after: (delayMs) => {
      waits.push(delayMs);
      return () => undefined;
    },
  };
  void sleepInStep(clock, 500, new AbortController().signal);
  expect(waits).toEqual([waitMs]);
});
