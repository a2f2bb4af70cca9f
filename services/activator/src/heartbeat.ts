/** Tells the watcher that this activator lives: a key in the leases bucket, renewed each second. */
import type { Bucket } from '@flyball/event-log';
import { type Life, sleep } from '@flyball/service';

const renewEveryMs = 1_000;

/** Renews until the service drains; `end` removes the key: what it held has been accounted for. */
export const startHeartbeat = (leases: Bucket, instance: string, life: Life) => {
  const key = `activator.${instance}`;
  const value = new TextEncoder().encode(JSON.stringify({ instance }));
  life.run('heartbeat', async (signal) => {
    while (!signal.aborted) {
      await leases.put(key, value).catch((error: unknown) => {
        life.logger.warn({ err: error }, 'could not renew the heartbeat; trying again');
      });
      await sleep(life.clock, renewEveryMs, signal);
    }
  });
  return { end: () => leases.delete(key).then(() => undefined) };
};
