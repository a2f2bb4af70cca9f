/** Time as the forwarding core sees it, so that tests can tell the time themselves. */

/** A clock in milliseconds and a timer. */
export interface Clock {
  /** Milliseconds that never go back; the origin means nothing. */
  monotonicMs(): number;
  /** Runs `action` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

/** The machine's monotonic clock; its timers do not keep the process alive. */
export const unrefClock: Clock = {
  monotonicMs: () => performance.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
