/** Which activators live: their heartbeats in the leases bucket, by this process's own clock. */
import { OutsideError } from '@flyball/contracts';
import type { Bucket } from '@flyball/event-log';
import { type Clock, retryPauseMs, sleep } from '@flyball/service';

/** An activator that did not renew for this long may have vanished. */
const vanishedAfterMs = 2_500;
/** More than the time between two renewals: as long as one that lives may say nothing. */
const confirmMs = 1_500;
/** The key of one that did not renew for this long is removed. */
const forgottenAfterMs = 60_000;

export interface Activators {
  /** True once every activator that lives must have been seen. */
  settled(): boolean;
  isAlive(instance: string): boolean;
  /**
   * Asks twice, a renewal apart, for the key of one that seems to have vanished: a server that hung
   * has not passed on renewals. False also when NATS does not answer.
   */
  hasVanished(instance: string, signal: AbortSignal): Promise<boolean>;
  /** Removes the keys of those that vanished long ago, by `bucket`; gives their number. */
  forgetVanished(bucket: Bucket): Promise<number>;
  follow(signal: AbortSignal): Promise<void>;
}

const prefix = 'activator.';

/** `onConnected` tells outages: nobody vanishes because we could not see. */
export const createActivators = (
  leases: Bucket,
  clock: Clock,
  isConnected: () => boolean,
): Activators => {
  const renewed = new Map<string, { readonly atMs: number; readonly revision: number }>();
  let seeingSinceMs: number | undefined;

  const watchOnce = async (signal: AbortSignal): Promise<void> => {
    for await (const entry of leases.watch(`${prefix}>`, signal)) {
      const instance = entry.key.slice(prefix.length);
      if (entry.value === undefined) renewed.delete(instance);
      else renewed.set(instance, { atMs: clock.monotonicMs(), revision: entry.revision });
    }
  };
  const ageMs = (instance: string): number =>
    clock.monotonicMs() - (renewed.get(instance)?.atMs ?? Number.NEGATIVE_INFINITY);
  const isAlive = (instance: string): boolean => ageMs(instance) <= vanishedAfterMs;
  const revisionOf = async (instance: string) =>
    (await leases.get(`${prefix}${instance}`))?.revision;
  return {
    settled: () => {
      if (!isConnected()) seeingSinceMs = undefined;
      else seeingSinceMs ??= clock.monotonicMs();
      return seeingSinceMs !== undefined && clock.monotonicMs() - seeingSinceMs > vanishedAfterMs;
    },
    isAlive,
    hasVanished: async (instance, signal) => {
      try {
        const before = await revisionOf(instance);
        await sleep(clock, confirmMs, signal);
        if (signal.aborted) return false;
        return (await revisionOf(instance)) === before && !isAlive(instance);
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error;
        return false;
      }
    },
    forgetVanished: async (bucket) => {
      const old = [...renewed].filter(([instance]) => ageMs(instance) > forgottenAfterMs);
      const removed = await Promise.all(
        old.map(([instance, { revision }]) => bucket.delete(`${prefix}${instance}`, revision)),
      );
      return removed.filter(Boolean).length;
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
