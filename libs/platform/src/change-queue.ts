/** One watcher's changes between who makes them and who reads them, bounded. */
import type { PlatformChange } from './platform.ts';

/** A watcher that is further behind than this gets a new listing instead. */
const waitingChangesMax = 10_000;

export interface ChangeQueue extends AsyncIterable<PlatformChange> {
  push(change: PlatformChange): void;
  /** Ends the reading; what was not read yet is dropped. */
  end(): void;
}

export interface ChangeQueueOptions {
  /** A whole listing, from `listing` to `listed`, of how things are at the call. */
  readonly relist: () => readonly PlatformChange[];
  readonly waitingMax?: number;
}

/**
 * A queue of changes. Changes say how things are, so when too many wait they are all dropped and a
 * listing takes their place.
 */
export const createChangeQueue = (options: ChangeQueueOptions): ChangeQueue => {
  const { relist, waitingMax = waitingChangesMax } = options;
  let waiting: PlatformChange[] = [];
  let overflowed = false;
  let ended = false;
  let wake: (() => void) | undefined;
  const arrived = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  async function* read(): AsyncGenerator<PlatformChange, void, undefined> {
    for (;;) {
      if (overflowed) {
        overflowed = false;
        waiting = [...relist()];
      }
      const batch = waiting;
      waiting = [];
      for (const change of batch) {
        if (ended || overflowed) break;
        yield change;
      }
      if (ended) return;
      if (waiting.length === 0 && !overflowed) await arrived();
    }
  }
  return {
    push: (change) => {
      if (ended || overflowed) return;
      waiting.push(change);
      if (waiting.length > waitingMax) {
        waiting = [];
        overflowed = true;
      }
      wake?.();
    },
    end: () => {
      ended = true;
      wake?.();
    },
    [Symbol.asyncIterator]: read,
  };
};
