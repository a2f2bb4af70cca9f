/** Time as leases need it: monotonic, with timers, and replaceable by a simulated one. */
import { performance } from 'node:perf_hooks';

export interface MonotonicClock {
  /** Milliseconds that never go back; the origin means nothing. */
  monotonicMs(): number;
  /** Runs `action` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

/** Waits for `work`, at most for `limitMs`; undefined when that is over first. */
export const within = async <Result>(
  clock: MonotonicClock,
  limitMs: number,
  work: Promise<Result>,
): Promise<Result | undefined> => {
  let cancel = () => {};
  const limit = new Promise<undefined>((resolve) => {
    cancel = clock.after(limitMs, () => resolve(undefined));
  });
  return Promise.race([limit, work]).finally(() => cancel());
};

/** The machine's monotonic clock. */
export const monotonicClock: MonotonicClock = {
  monotonicMs: () => performance.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
