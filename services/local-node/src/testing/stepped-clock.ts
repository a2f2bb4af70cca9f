/** A clock for tests that moves when told; timers run in the order of their times. */
import type { Clock } from '@flyball/service';

export interface SteppedClock extends Clock {
  /** Moves on, running each timer at its time and letting promises settle after it. */
  advance(byMs: number): Promise<void>;
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export const createSteppedClock = (): SteppedClock => {
  const timers = new Set<{ readonly atMs: number; readonly action: () => void }>();
  let nowMs = 0;
  const nextUntil = (untilMs: number) =>
    [...timers]
      .filter((timer) => timer.atMs <= untilMs)
      .sort((one, other) => one.atMs - other.atMs)[0];
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, action) => {
      const timer = { atMs: nowMs + delayMs, action };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: async (byMs) => {
      const untilMs = nowMs + byMs;
      await settled();
      for (let timer = nextUntil(untilMs); timer !== undefined; timer = nextUntil(untilMs)) {
        timers.delete(timer);
        nowMs = timer.atMs;
        timer.action();
        await settled();
      }
      nowMs = untilMs;
    },
  };
};
