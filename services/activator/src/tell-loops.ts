/** The activator's two loops: each whole second's sample, and every 100 ms what was held. */
import { type Life, sleep } from '@flyball/service';
import type { RequestEvents } from './request-events.ts';
import type { Sampler } from './sampler.ts';
import type { Upstreams } from './upstreams.ts';

const secondMs = 1_000;
/** A workload's ledger is told at most this often. */
const countEveryMs = 100;
/** Activators tell their seconds not all at the same moment. */
const secondJitterMs = 50;
/** Whole seconds that are told after a stall at most; the meters keep a few more. */
export const secondsToldMax = 10;

/** The seconds that have ended since the last one told, oldest first, and where to go on. */
export const secondsDue = (
  nextAtMs: number,
  nowMs: number,
): { readonly seconds: readonly number[]; readonly nextAtMs: number } => {
  const currentMs = nowMs - (nowMs % secondMs);
  const oldestMs = currentMs - secondsToldMax * secondMs;
  // A clock that was set back goes on from its new time: earlier seconds have been told.
  const fromMs = nextAtMs > currentMs ? currentMs : Math.max(nextAtMs, oldestMs);
  const count = (currentMs - fromMs) / secondMs;
  const seconds = Array.from({ length: count }, (_, at) => fromMs + at * secondMs);
  return { seconds, nextAtMs: currentMs };
};

/** Tells each whole second once; those missed in a stall too, while the meters keep them. */
export const tellSeconds = (life: Life, sampler: Sampler): void =>
  life.run('samples', async (signal) => {
    const beganMs = life.clock.nowMs();
    let nextAtMs = beganMs - (beganMs % secondMs);
    while (!signal.aborted) {
      const nowMs = life.clock.nowMs();
      // Also when the clock was set back, the wait is for the end of the second that is now.
      const waitMs = secondMs - (nowMs % secondMs) + 1 + life.random() * secondJitterMs;
      await sleep(life.clock, waitMs, signal);
      if (signal.aborted) return;
      const due = secondsDue(nextAtMs, life.clock.nowMs());
      nextAtMs = due.nextAtMs;
      for (const secondAtMs of due.seconds) sampler.tellSecond(secondAtMs);
    }
  });

/**
 * Tells what was held and what became of it, and calls for workloads that nobody started; while
 * nothing is held it sleeps.
 */
export const tellLedgers = (life: Life, upstreams: Upstreams, events: RequestEvents): void =>
  life.run('ledger', async (signal) => {
    while (!signal.aborted) {
      await upstreams.untilUnsettled(signal);
      await sleep(life.clock, countEveryMs, signal);
      const unsettled = [...upstreams.unsettled()];
      events.count(unsettled);
      events.wake(unsettled);
    }
  });
