/** Long work in slices: timers and sockets get their turn in between, and leases are renewed. */
import type { Clock } from './clock.ts';

/** Work goes on for this long at most before the event loop is let through. */
export const sliceMs = 25;

export interface Slices {
  /** Lets the loop through when a slice is over; undefined when it is not: nothing to wait for. */
  next(): Promise<void> | undefined;
}

/** Begins a slice now. */
export const createSlices = (clock: Clock): Slices => {
  let begunMs = clock.monotonicMs();
  return {
    next: () => {
      if (clock.monotonicMs() - begunMs < sliceMs) return undefined;
      return new Promise((resolve) => {
        clock.after(0, () => {
          begunMs = clock.monotonicMs();
          resolve();
        });
      });
    },
  };
};
