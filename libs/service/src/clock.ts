/** Time as the shells need it: wall, monotonic and timers, replaceable by a simulated one. */
import { type MonotonicClock, monotonicClock } from '@flyball/event-log';

export interface Clock extends MonotonicClock {
  /** UTC milliseconds, whole; may jump. For stamping what comes from outside, nothing else. */
  nowMs(): number;
  /** Resolves in a later turn of the event loop; absent where no turn takes any time. */
  readonly nextTurn?: () => Promise<void>;
}

/** The machine's clocks. */
export const systemClock: Clock = {
  ...monotonicClock,
  nowMs: () => Date.now(),
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
};

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
