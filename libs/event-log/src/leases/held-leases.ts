/** The partitions that one instance owns: taken, kept by its renewals, lost and given back. */
import { type MonotonicClock, within } from '../clock.ts';
import type { Bucket } from '../event-log.ts';
import { encodeLeaseValue, partitionKey } from './lease-keys.ts';
import { ownedForMs, stopWorkMs } from './lease-limits.ts';

/** The right to work on one partition, for as long as it is held. */
export interface Lease {
  readonly partition: number;
  /**
   * As far as the keys show, nobody else has owned it since this instance last did. A hint: a
   * bucket that lost its tail may hide an owner.
   */
  readonly isContinued: boolean;
  /** Aborts when the lease is lost, or begins to be given back. */
  readonly signal: AbortSignal;
  /**
   * False as soon as the time is up, even before `signal` could say so. What is being given back is
   * held until it is given: for the last snapshot.
   */
  isHeld(): boolean;
}

export type LossReason = 'expired' | 'taken' | 'given back';

export interface HeldLeasesOptions {
  readonly bucket: Bucket;
  readonly stage: string;
  readonly instance: string;
  readonly clock: MonotonicClock;
  readonly wallClockMs: () => number;
  readonly onGained: (partition: number, lease: Lease) => void;
  readonly onLost: (partition: number, reason: LossReason) => void | Promise<void>;
  /** After a loss: the revision that was last ours. */
  readonly onDropped: (partition: number, revision: number) => void;
  readonly onTrouble: (error: unknown) => void;
}

interface Held {
  readonly lease: Lease;
  readonly controller: AbortController;
  readonly revision: number;
  givingBack: boolean;
}

/**
 * All of them are valid for the same time: until a while after the start of the last renewal of the
 * member's announcement that was acknowledged.
 */
export class HeldLeases {
  readonly #options: HeldLeasesOptions;
  readonly #held = new Map<number, Held>();
  /** The revisions of those that ran out and that nobody else is known to have owned since. */
  readonly #ranOut = new Map<number, number>();
  #validUntilMs = Number.NEGATIVE_INFINITY;
  #cancelExpiry = (): void => {};
  /** How often the time ran out: what was begun before it counts for nothing after it. */
  #lapses = 0;

  constructor(options: HeldLeasesOptions) {
    this.#options = options;
  }

  get partitions(): readonly number[] {
    return [...this.#held.keys()].sort((a, b) => a - b);
  }

  has(partition: number): boolean {
    return this.#held.has(partition);
  }

  /** The revision at which it was taken; undefined while it is not held. */
  revisionOf(partition: number): number | undefined {
    return this.#held.get(partition)?.revision;
  }

  /** Others see that we live: nobody takes what is ours, and we may take what is nobody's. */
  get isValid(): boolean {
    return this.#options.clock.monotonicMs() < this.#validUntilMs;
  }

  /**
   * A renewal that began then was acknowledged. It keeps what is held; it brings nothing back: when
   * the time had run out, others may have been the owners since.
   */
  extend(startedAtMs: number): void {
    if (!this.isValid) this.#lapse();
    this.#validUntilMs = Math.max(this.#validUntilMs, startedAtMs + ownedForMs);
    this.#cancelExpiry();
    const { clock } = this.#options;
    const leftMs = this.#validUntilMs - clock.monotonicMs();
    this.#cancelExpiry = clock.after(leftMs, () => this.#lapse());
  }

  /** Tries to take a partition on a revision; it is not held when somebody else was first. */
  async take(partition: number, expected: number): Promise<void> {
    const { bucket, stage, instance, wallClockMs, onDropped } = this.#options;
    const lapses = this.#lapses;
    const value = encodeLeaseValue({ instance, sinceMs: wallClockMs() });
    const isContinued = this.#ranOut.get(partition) === expected;
    const revision = await bucket.set(partitionKey(stage, partition), value, expected);
    if (revision === undefined) return;
    if (this.isValid && lapses === this.#lapses) {
      this.#hold({ partition, isContinued }, revision);
      return;
    }
    // The answer comes too late to own anything by it; the revision is ours to try again on.
    if (isContinued) this.#ranOut.set(partition, revision);
    onDropped(partition, revision);
  }

  /** Another instance owns this since `revision`: stop at once. */
  noticeTaken(partition: number, revision: number): void {
    const held = this.#held.get(partition);
    if (held !== undefined && revision > held.revision) this.#drop(partition, held, 'taken');
  }

  /** What is stored of a partition, by a question asked while it was held at `heldRevision`. */
  noticeStored(
    partition: number,
    heldRevision: number | undefined,
    storedRevision: number | undefined,
  ): void {
    const held = this.#held.get(partition);
    if (held === undefined || held.revision !== heldRevision) return;
    if (storedRevision !== heldRevision) this.#drop(partition, held, 'taken');
  }

  /** Stops the work (waited for, within a limit), then deletes the lease for others to take. */
  async giveBack(partition: number): Promise<void> {
    const held = this.#held.get(partition);
    if (held === undefined || held.givingBack) return;
    held.givingBack = true;
    held.controller.abort();
    const stopping = Promise.resolve(this.#options.onLost(partition, 'given back'));
    await within(this.#options.clock, stopWorkMs, Promise.allSettled([stopping]));
    if (this.#held.get(partition) === held) this.#held.delete(partition);
    const { bucket, stage } = this.#options;
    // Also when the time ran out meanwhile: at another revision it is another's, and stays.
    await bucket.delete(partitionKey(stage, partition), held.revision);
  }

  /** No more timers. */
  stop(): void {
    this.#cancelExpiry();
  }

  #hold(what: Pick<Lease, 'partition' | 'isContinued'>, revision: number): void {
    const { partition } = what;
    const controller = new AbortController();
    const { signal } = controller;
    const isHeld = () => this.#held.get(partition)?.lease === lease && this.isValid;
    const lease: Lease = { ...what, signal, isHeld };
    this.#ranOut.delete(partition);
    this.#held.set(partition, { lease, controller, revision, givingBack: false });
    this.#options.onGained(partition, lease);
  }

  #lapse(): void {
    this.#lapses += 1;
    this.#validUntilMs = Number.NEGATIVE_INFINITY;
    for (const [partition, held] of [...this.#held]) this.#drop(partition, held, 'expired');
  }

  #drop(partition: number, held: Held, reason: LossReason): void {
    if (this.#held.get(partition) !== held) return;
    this.#held.delete(partition);
    held.controller.abort();
    if (reason === 'expired' && !held.givingBack) this.#ranOut.set(partition, held.revision);
    this.#options.onDropped(partition, held.revision);
    if (held.givingBack) return;
    // The work stops by its signal; nobody waits for it, as the partition is no longer ours.
    Promise.resolve(this.#options.onLost(partition, reason)).catch(this.#options.onTrouble);
  }
}
