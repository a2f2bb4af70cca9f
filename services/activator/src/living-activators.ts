/** Which activators live: their heartbeats in the leases bucket, by this process's own clock. */
import { OutsideError } from '@flyball/contracts';
import type { Bucket } from '@flyball/event-log';
import { type Clock, retryPauseMs, sleep } from '@flyball/service';

const prefix = 'activator.';
/** One that did not renew for this long has vanished; it renews each second. */
export const vanishedAfterMs = 2_500;
/** How often it is looked who has vanished. */
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

/** Who was heard when. Of a time in which it did not hear itself it knows nothing. */
class Roll {
  living: readonly string[];
  readonly #self: string;
  readonly #onChange: () => void;
  readonly #renewedAtMs: Map<string, number>;
  readonly #revisions = new Map<string, number>();
  #isBlind = false;

  constructor({ self, onChange, clock }: LivingOptions) {
    this.living = [self];
    this.#self = self;
    this.#onChange = onChange;
    this.#renewedAtMs = new Map([[self, clock.monotonicMs()]]);
  }

  heard(instance: string, revision: number, atMs: number): void {
    // A watch that begins anew tells old heartbeats again.
    if (this.#revisions.get(instance) === revision) return;
    this.#revisions.set(instance, revision);
    if (instance === this.#self && this.#isBlind) {
      // Sight is back: everybody gets the time in which to be heard.
      this.#isBlind = false;
      for (const one of this.#renewedAtMs.keys()) this.#renewedAtMs.set(one, atMs);
    }
    this.#renewedAtMs.set(instance, atMs);
    this.#settle();
  }

  left(instance: string): void {
    if (instance === this.#self) return;
    this.#renewedAtMs.delete(instance);
    this.#revisions.delete(instance);
    this.#settle();
  }

  look(atMs: number): void {
    this.#isBlind = atMs - (this.#renewedAtMs.get(this.#self) ?? 0) > vanishedAfterMs;
    if (this.#isBlind) return;
    for (const [instance, renewedAtMs] of this.#renewedAtMs) {
      if (atMs - renewedAtMs > vanishedAfterMs) this.#renewedAtMs.delete(instance);
    }
    this.#settle();
  }

  #settle(): void {
    const now = [...this.#renewedAtMs.keys()].sort();
    if (now.length === this.living.length && now.every((one, at) => one === this.living[at]))
      return;
    this.living = now;
    this.#onChange();
  }
}

/** Follows the heartbeats until the signal aborts. */
export const followActivators = (options: LivingOptions): LivingActivators => {
  const { leases, clock } = options;
  const roll = new Roll(options);
  const seen = Promise.withResolvers<void>();

  const watchOnce = async (signal: AbortSignal): Promise<void> => {
    for await (const { key, value, revision, current } of leases.watch(`${prefix}>`, signal)) {
      const instance = key.slice(prefix.length);
      if (value === undefined) roll.left(instance);
      else roll.heard(instance, revision, clock.monotonicMs());
      if (current) seen.resolve();
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
  const lookAgain = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await sleep(clock, lookEveryMs, signal);
      if (!signal.aborted && roll.living.length > 1) roll.look(clock.monotonicMs());
    }
  };
  return {
    instances: () => roll.living,
    seen: seen.promise,
    follow: async (signal) => {
      await Promise.all([watchAgain(signal), lookAgain(signal)]);
    },
  };
};
