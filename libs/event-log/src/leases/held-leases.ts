/** The partitions that one instance owns: taken, renewed, lost and given back. */
import type { Clock } from '../clock.ts';
import type { Bucket } from '../event-log.ts';
import { encodeLeaseValue, partitionKey } from './lease-keys.ts';
import { ownedForMs, retryMs, stopWorkMs } from './lease-limits.ts';

/** The right to work on one partition, for as long as it is held. */
export interface Lease {
  readonly partition: number;
  /** Aborts when the lease is lost or given back. */
  readonly signal: AbortSignal;
  /** False as soon as the time is up, even before `signal` could say so. */
  isHeld(): boolean;
}

export type LossReason = 'expired' | 'taken' | 'given back';

export interface HeldLeasesOptions {
  readonly bucket: Bucket;
  readonly stage: string;
  readonly instance: string;
  readonly clock: Clock;
  readonly wallClockMs: () => number;
  readonly onGained: (partition: number, lease: Lease) => void;
  readonly onLost: (partition: number, reason: LossReason) => void | Promise<void>;
  /** After a loss: the revision that was last ours. */
  readonly onDropped: (partition: number, revision: number) => void;
  readonly onTrouble: (error: unknown) => void;
}

interface Held {
  readonly lease: Lease;
  readonly value: Uint8Array;
  readonly controller: AbortController;
  revision: number;
  validUntilMs: number;
  cancelExpiry: () => void;
  renewal: Promise<void> | undefined;
  givingBack: boolean;
}

export class HeldLeases {
  readonly #options: HeldLeasesOptions;
  readonly #held = new Map<number, Held>();

  constructor(options: HeldLeasesOptions) {
    this.#options = options;
  }

  get partitions(): readonly number[] {
    return [...this.#held.keys()].sort((a, b) => a - b);
  }

  has(partition: number): boolean {
    return this.#held.has(partition);
  }

  /** Tries to take a partition on a revision; it is not held when somebody else was first. */
  async take(partition: number, expected: number): Promise<void> {
    const { bucket, stage, instance, clock, wallClockMs } = this.#options;
    const startedAtMs = clock.nowMs();
    const value = encodeLeaseValue({ instance, sinceMs: wallClockMs() });
    const revision = await bucket.set(partitionKey(stage, partition), value, expected);
    if (revision === undefined) return;
    const validUntilMs = startedAtMs + ownedForMs;
    // The answer came too late to own anything by it; but the revision is ours to try again on.
    if (clock.nowMs() >= validUntilMs) this.#options.onDropped(partition, revision);
    else this.#hold(partition, value, revision, validUntilMs);
  }

  /** Renews every lease; each on its own revision, all at once. */
  renewAll(): void {
    for (const [partition, held] of this.#held) {
      if (held.renewal !== undefined || held.givingBack) continue;
      held.renewal = this.#renew(partition, held).finally(() => {
        held.renewal = undefined;
      });
    }
  }

  /** Another instance owns this since `revision`: stop at once. */
  noticeTaken(partition: number, revision: number): void {
    const held = this.#held.get(partition);
    if (held !== undefined && revision > held.revision) this.#drop(partition, held, 'taken');
  }

  /** Stops the work (waited for, within a limit), then deletes the lease for others to take. */
  async giveBack(partition: number): Promise<void> {
    const held = this.#held.get(partition);
    if (held === undefined || held.givingBack) return;
    held.givingBack = true;
    held.controller.abort();
    await this.#within(stopWorkMs, [
      Promise.resolve(this.#options.onLost(partition, 'given back')),
      held.renewal ?? Promise.resolve(),
    ]);
    held.cancelExpiry();
    if (this.#held.get(partition) !== held) return;
    this.#held.delete(partition);
    const { bucket, stage } = this.#options;
    await bucket.delete(partitionKey(stage, partition), held.revision);
  }

  #hold(partition: number, value: Uint8Array, revision: number, validUntilMs: number): void {
    const { clock } = this.#options;
    const controller = new AbortController();
    const held: Held = {
      lease: {
        partition,
        signal: controller.signal,
        isHeld: () => !controller.signal.aborted && clock.nowMs() < held.validUntilMs,
      },
      value,
      controller,
      revision,
      validUntilMs,
      cancelExpiry: () => {},
      renewal: undefined,
      givingBack: false,
    };
    this.#held.set(partition, held);
    this.#expireInTime(partition, held);
    this.#options.onGained(partition, held.lease);
  }

  #expireInTime(partition: number, held: Held): void {
    held.cancelExpiry();
    const leftMs = held.validUntilMs - this.#options.clock.nowMs();
    held.cancelExpiry = this.#options.clock.after(leftMs, () =>
      this.#drop(partition, held, 'expired'),
    );
  }

  async #renew(partition: number, held: Held): Promise<void> {
    const { bucket, stage, clock, onTrouble } = this.#options;
    while (this.#held.get(partition) === held && !held.givingBack) {
      const startedAtMs = clock.nowMs();
      try {
        const key = partitionKey(stage, partition);
        const revision = await bucket.set(key, held.value, held.revision);
        if (revision === undefined) return this.#drop(partition, held, 'taken');
        held.revision = revision;
        if (this.#held.get(partition) === held) {
          held.validUntilMs = startedAtMs + ownedForMs;
          return this.#expireInTime(partition, held);
        }
        return this.#options.onDropped(partition, revision);
      } catch (error) {
        onTrouble(error);
        await new Promise<void>((resolve) => clock.after(retryMs, resolve));
      }
    }
  }

  #drop(partition: number, held: Held, reason: LossReason): void {
    if (this.#held.get(partition) !== held) return;
    this.#held.delete(partition);
    held.cancelExpiry();
    held.controller.abort();
    this.#options.onDropped(partition, held.revision);
    if (held.givingBack) return;
    // The work stops by its signal; nobody waits for it, as the partition is no longer ours.
    Promise.resolve(this.#options.onLost(partition, reason)).catch(this.#options.onTrouble);
  }

  async #within(limitMs: number, work: readonly Promise<void>[]): Promise<void> {
    let cancel = () => {};
    const limit = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(limitMs, resolve);
    });
    await Promise.race([limit, Promise.allSettled(work)]);
    cancel();
  }
}
