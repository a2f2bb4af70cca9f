/** Tells the watcher that this activator lives: a key in the leases bucket, renewed each second. */
import { OutsideError } from '@flyball/contracts';
import type { Bucket } from '@flyball/event-log';
import { type Life, retryOutside, sleep } from '@flyball/service';

const renewEveryMs = 1_000;
/** Longest wait for NATS to take the key back at the end. */
const endLimitMs = 1_000;

export interface Heartbeat {
  /** Removes the key: everything that was held has been accounted for. */
  end(): Promise<void>;
}

/** The work, or nothing when the signal aborts first; an error of NATS is told and passed by. */
const attempt = async (work: Promise<unknown>, life: Life, signal: AbortSignal): Promise<void> => {
  const told = work.then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof OutsideError)) throw error;
      life.logger.warn({ err: error }, 'could not write the heartbeat');
    },
  );
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([told, aborted]);
};

/** Writes the key for the first time, then renews it until `end` or the life's end. */
export const startHeartbeat = async (
  leases: Bucket,
  instance: string,
  life: Life,
): Promise<Heartbeat> => {
  const key = `activator.${instance}`;
  const value = new TextEncoder().encode(JSON.stringify({ instance }));
  const stop = new AbortController();
  const { clock } = life;
  await retryOutside(() => leases.put(key, value), { clock, signal: life.signal });
  life.run('heartbeat', async (signal) => {
    const both = AbortSignal.any([signal, stop.signal]);
    await sleep(clock, renewEveryMs, both);
    while (!both.aborted) {
      await attempt(leases.put(key, value), life, both);
      await sleep(clock, renewEveryMs, both);
    }
  });
  return {
    end: async () => {
      // No renewal may come after the deletion; both go over one connection, in this order.
      stop.abort();
      const limit = new AbortController();
      const cancel = clock.after(endLimitMs, () => limit.abort());
      await attempt(leases.delete(key), life, limit.signal);
      cancel();
    },
  };
};
