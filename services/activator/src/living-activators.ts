/** Which activators live: their heartbeats in the leases bucket, by this process's own clock. */
import { OutsideError } from '@flyball/contracts';
import type { Bucket } from '@flyball/event-log';
import { type Clock, retryPauseMs, sleep } from '@flyball/service';

const prefix = 'activator.';
/** One that did not renew for this long has vanished; it renews each second. */
export const vanishedAfterMs = 2_500;
/** How often it is looked who has vanished, while there is more than one. */
const lookEveryMs = 500;

export interface LivingActivators {
  /** Those that live, in order. Itself is always among them. */
  readonly instances: () => readonly string[];
  /** Resolves when everybody who has a heartbeat now has been seen. */
  readonly seen: Promise<void>;
  follow(signal: AbortSignal): Promise<void>;
}

export interface LivingOptions {
  readonly leases: Bucket;
  readonly self: string;
  readonly clock: Clock;
  /** Called after each change of who lives. */
  readonly onChange: () => void;
}

/**
 * Follows the heartbeats. While its own does not come back either, nothing is known of the others,
 * and nobody is taken for dead: what could not be seen has not changed.
 */
export const followActivators = ({
  leases,
  self,
  clock,
  onChange,
}: LivingOptions): LivingActivators => {
  const renewedAtMs = new Map<string, number>([[self, clock.monotonicMs()]]);
  const revisions = new Map<string, number>();
  const seen = Promise.withResolvers<void>();
  let blind = false;
  let living: readonly string[] = [self];

  const settle = (): void => {
    const now = [...renewedAtMs.keys()].sort();
    if (now.length === living.length && now.every((one, at) => one === living[at])) return;
    living = now;
    onChange();
  };
  const heard = (instance: string, revision: number): void => {
    // A watch that begins anew tells old heartbeats again.
    if (revisions.get(instance) === revision) return;
    revisions.set(instance, revision);
    const atMs = clock.monotonicMs();
    if (instance === self && blind) {
      // Sight is back: everybody gets the time in which to be heard.
      blind = false;
      for (const one of renewedAtMs.keys()) renewedAtMs.set(one, atMs);
    }
    renewedAtMs.set(instance, atMs);
  };
  const watchOnce = async (signal: AbortSignal): Promise<void> => {
    for await (const { key, value, revision, current } of leases.watch(`${prefix}>`, signal)) {
      const instance = key.slice(prefix.length);
      if (value !== undefined) heard(instance, revision);
      else if (instance !== self) {
        renewedAtMs.delete(instance);
        revisions.delete(instance);
      }
      settle();
      if (current) seen.resolve();
    }
  };
  const look = (): void => {
    const nowMs = clock.monotonicMs();
    if (nowMs - (renewedAtMs.get(self) ?? 0) > vanishedAfterMs) {
      blind = true;
      return;
    }
    for (const [instance, atMs] of renewedAtMs) {
      if (instance !== self && nowMs - atMs > vanishedAfterMs) renewedAtMs.delete(instance);
    }
    settle();
  };
  const lookAgain = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await sleep(clock, lookEveryMs, signal);
      if (!signal.aborted && living.length > 1) look();
    }
  };
  const watchAgain = async (signal: AbortSignal): Promise<void> => {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await watchOnce(signal);
        attempt = 0;
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error;
      }
      await sleep(clock, retryPauseMs(attempt), signal);
    }
  };
  return {
    instances: () => living,
    seen: seen.promise,
    follow: async (signal) => {
      await Promise.all([watchAgain(signal), lookAgain(signal)]);
    },
  };
};
