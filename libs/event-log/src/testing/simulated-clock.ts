/** A clock that only moves when it is told to, and runs its timers in order when it does. */
import { setImmediate as afterInput } from 'node:timers/promises';
import type { MonotonicClock } from '../clock.ts';

export interface SimulatedClock extends MonotonicClock {
  /** Moves on, timer by timer, and lets what they started settle in between. */
  pass(durationMs: number): Promise<void>;
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
}

/** Microtasks of a memory log settle within this many turns. */
const turnsToSettle = 3;

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < turnsToSettle; turn += 1) await afterInput();
};

/** Starts at 0. */
export const createSimulatedClock = (): SimulatedClock => {
  let nowMs = 0;
  let order = 0;
  const timers = new Set<Timer>();
  const due = (untilMs: number): Timer | undefined =>
    [...timers]
      .filter(({ atMs }) => atMs <= untilMs)
      .sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
  return {
    monotonicMs: () => nowMs,
    after: (delayMs, action) => {
      order += 1;
      const timer = { atMs: nowMs + Math.max(0, delayMs), order, action };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    pass: async (durationMs) => {
      const untilMs = nowMs + durationMs;
      await settle();
      for (let timer = due(untilMs); timer !== undefined; timer = due(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.atMs);
        timer.action();
        await settle();
      }
      nowMs = untilMs;
      await settle();
    },
  };
};
