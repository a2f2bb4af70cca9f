/** Lets time pass while something waits for it; an actuator that waits for nothing sleeps. */
import { type Clock, sleep } from '@flyball/service';

/** Waiting tries and wakes are looked at this often. */
export const ringEveryMs = 50;

export interface RingOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly isWaiting: () => boolean;
  readonly onRing: () => void;
  /** A bug in `onRing`. */
  readonly onCrash: (error: unknown) => void;
}

/** The function to call when something may have begun to wait; it costs a look. */
export const createRing = (options: RingOptions): (() => void) => {
  const { clock, signal, isWaiting, onRing, onCrash } = options;
  let isRinging = false;
  const isOver = () => signal.aborted || !isWaiting();
  const ringOn = async (): Promise<void> => {
    while (!isOver()) {
      await sleep(clock, ringEveryMs, signal);
      if (!isOver()) onRing();
    }
    // In the same turn as the look: what begins to wait after it begins anew.
    isRinging = false;
  };
  return () => {
    if (isRinging || isOver()) return;
    isRinging = true;
    ringOn().catch(onCrash);
  };
};
