/** Time as leases need it: monotonic, with timers, and replaceable by a simulated one. */
import { performance } from 'node:perf_hooks';

export interface MonotonicClock {
  /** Milliseconds that never go back; the origin means nothing. */
  monotonicMs(): number;
  /** Runs `action` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

/** The machine's monotonic clock. */
export const monotonicClock: MonotonicClock = {
  monotonicMs: () => performance.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
