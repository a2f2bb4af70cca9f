/** Long work in slices: timers and sockets get their turn in between, and leases are renewed. */
import { type Clock, sleep } from './clock.ts';

/** Work goes on for this long at most before the event loop is let through. */
export const sliceMs = 25;

export interface Slices {
  /** Lets the loop through when a slice is over; undefined when it is not: nothing to wait for. */
  next(): Promise<void> | undefined;
}

/** Of one process: whoever waits for the event loop goes on after who waited before. */
const waiting = new WeakMap<Clock, Promise<void>>();
const never = new AbortController().signal;

const nextTurn = (clock: Clock): Promise<void> => clock.nextTurn?.() ?? sleep(clock, 0, never);

/** Begins a slice now. In each turn of the event loop one slice of a process is worked off. */
export const createSlices = (clock: Clock): Slices => {
  let begunMs = clock.monotonicMs();
  return {
    next: () => {
      if (clock.monotonicMs() - begunMs < sliceMs) return undefined;
      const before = waiting.get(clock) ?? Promise.resolve();
      const through = before
        .then(() => nextTurn(clock))
        .then(() => {
          begunMs = clock.monotonicMs();
        });
      waiting.set(clock, through);
      return through;
    },
  };
};
