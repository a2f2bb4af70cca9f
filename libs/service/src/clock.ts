/** Time as the shells need it: wall, monotonic and timers, replaceable by a simulated one. */
import { performance } from 'node:perf_hooks';
import type { Clock as MonotonicClock } from '@flyball/event-log';

export interface Clock {
  /** UTC milliseconds, whole; may jump. For stamping what comes from outside, nothing else. */
  nowMs(): number;
  /** Milliseconds that never go back; the origin means nothing. */
  monotonicMs(): number;
  /** Runs `action` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, action: () => void): () => void;
  /** Resolves in a later turn of the event loop; absent where no turn takes any time. */
  readonly nextTurn?: () => Promise<void>;
}

/** The machine's clocks. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
};

/** The same clock as leases want it. */
export const monotonicOf = (clock: Clock): MonotonicClock => ({
  nowMs: () => clock.monotonicMs(),
  after: (delayMs, action) => clock.after(delayMs, action),
});

/** Waits; ends early, without an error, when the signal aborts. */
export const sleep = (clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal.addEventListener('abort', done, { once: true });
  });

/**
 * Waits for the next whole multiple of `everyMs` on the monotonic clock: loops that look around
 * that often wake the process together.
 */
export const sleepInStep = (clock: Clock, everyMs: number, signal: AbortSignal): Promise<void> =>
  sleep(clock, everyMs - (clock.monotonicMs() % everyMs), signal);

/** Multiples of it, without their whole part, lie as far apart as can be for any number of them. */
const goldenRatio = 0.618_033_988_749_895;

/**
 * When in a round of `everyMs` it is this partition's turn: what is done that often is not done for
 * all partitions of a process at once.
 */
export const turnInRoundMs = (partition: number, everyMs: number): number =>
  ((partition * goldenRatio) % 1) * everyMs;

/** A turn that is nearer is the one that has just been: what is left of it is rounding. */
const nextTurnMsMin = 0.001;

/** Waits for the partition's next turn on the monotonic clock. */
export const sleepUntilTurn = (
  clock: Clock,
  { partition, everyMs }: { readonly partition: number; readonly everyMs: number },
  signal: AbortSignal,
): Promise<void> => {
  const sinceTurnMs = clock.monotonicMs() - turnInRoundMs(partition, everyMs);
  const waitMs = everyMs - (((sinceTurnMs % everyMs) + everyMs) % everyMs);
  return sleep(clock, waitMs < nextTurnMsMin ? waitMs + everyMs : waitMs, signal);
};
