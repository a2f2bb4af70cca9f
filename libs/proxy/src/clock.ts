/** Time as the forwarding core sees it, so that tests can tell the time themselves. */

/** A clock in milliseconds and a timer. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Runs `task` once after `delayMs`; the returned function calls it off. */
  schedule(delayMs: number, task: () => void): () => void;
}

/** The machine's monotonic clock; its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
