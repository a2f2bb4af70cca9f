/** Which activators live: their heartbeats in the leases bucket, by this process's own clock. */
import { OutsideError } from '@flyball/contracts';
import type { Bucket } from '@flyball/event-log';
import { type Clock, retryPauseMs, sleep } from '@flyball/service';

/** An activator that did not renew for this long has vanished. */
export const vanishedAfterMs = 2_500;

export interface Activators {
  /** True once every activator that lives must have been seen. */
  settled(): boolean;
  isAlive(instance: string): boolean;
  follow(signal: AbortSignal): Promise<void>;
}

const prefix = 'activator.';

/** `onConnected` tells outages: nobody vanishes because we could not see. */
export const createActivators = (
  leases: Bucket,
  clock: Clock,
  isConnected: () => boolean,
): Activators => {
  const renewedMs = new Map<string, number>();
  let seeingSinceMs: number | undefined;

  const watchOnce = async (signal: AbortSignal): Promise<void> => {
    for await (const entry of leases.watch(`${prefix}>`, signal)) {
      const instance = entry.key.slice(prefix.length);
      if (entry.value === undefined) renewedMs.delete(instance);
      else renewedMs.set(instance, clock.monotonicMs());
    }
  };
  return {
    settled: () => {
      if (!isConnected()) seeingSinceMs = undefined;
      else seeingSinceMs ??= clock.monotonicMs();
      return seeingSinceMs !== undefined && clock.monotonicMs() - seeingSinceMs > vanishedAfterMs;
    },
    isAlive: (instance) => {
      const renewed = renewedMs.get(instance);
      return renewed !== undefined && clock.monotonicMs() - renewed <= vanishedAfterMs;
    },
    follow: async (signal) => {
      for (let attempt = 1; !signal.aborted; attempt += 1) {
        try {
          await watchOnce(signal);
          attempt = 0;
        } catch (error) {
          if (!(error instanceof OutsideError)) throw error;
          seeingSinceMs = undefined;
        }
        await sleep(clock, retryPauseMs(attempt), signal);
      }
    },
  };
};
