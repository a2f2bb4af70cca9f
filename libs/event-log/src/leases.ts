/** Leases: several replicas of a stage share its partitions, and take over from those that die. */
import { OutsideError } from '@flyball/contracts';
import { type MonotonicClock, monotonicClock, within } from './clock.ts';
import type { Bucket, EventLog } from './event-log.ts';
import { HeldLeases, type Lease, type LossReason } from './leases/held-leases.ts';
import { type Abilities, memberKey, partitionKey, stageFilter } from './leases/lease-keys.ts';
import { endMs, offerAgainMs, retryMs, unclaimedMs } from './leases/lease-limits.ts';
import { LeaseSight } from './leases/lease-sight.ts';
import { Renewal } from './leases/renewal.ts';

export interface LeaseOptions {
  readonly bucket: Bucket;
  readonly stage: string;
  /** Tells this process from every other one, earlier runs of itself included. */
  readonly instance: string;
  readonly partitionCount: number;
  /**
   * True of an instance that is known to have ended before this process began: what it owned is
   * taken without waiting for its silence. False when not given.
   */
  readonly hasEnded?: (instance: string) => boolean;
  /** What this process can do, for those who must know it of every owner (`followMembers`). */
  readonly abilities?: Abilities;
  /** Ends it: what is held is given back. */
  readonly signal: AbortSignal;
  /** The partition is ours until `lease.signal` aborts. Starts the work, does not wait for it. */
  readonly onGained: (partition: number, lease: Lease) => void;
  /** The partition is no longer ours; when it is given back, this is waited for (within 1 s). */
  readonly onLost?: (partition: number, reason: LossReason) => void | Promise<void>;
  /** Calls that failed and are tried again. */
  readonly onTrouble?: (error: unknown) => void;
  /** `log.onStatus`: an outage then moves no lease. */
  readonly onStatus?: EventLog['onStatus'];
  readonly clock?: MonotonicClock;
  /** In [0, 1). */
  readonly random?: () => number;
  /** For the time in a lease's value, which only people read. */
  readonly wallClockMs?: () => number;
}

export interface LeaseHolder {
  /** The partitions that are ours now, ascending. */
  readonly partitions: readonly number[];
  /** Replicas that live, this one included. */
  readonly memberCount: number;
  /**
   * Settles once everything is given back, or 2 s after the signal when no answer comes; rejects
   * with an OutsideError that no retry helps.
   */
  readonly ended: Promise<void>;
}

const closed = (): OutsideError =>
  new OutsideError('NATS_UNREACHABLE', 'The connection was closed while leases were held.', {
    retriable: false,
  });

type OptionalHere = 'onStatus' | 'abilities' | 'hasEnded';

class Leases implements LeaseHolder {
  readonly ended: Promise<void>;
  readonly #options: Required<Omit<LeaseOptions, OptionalHere>> & Pick<LeaseOptions, OptionalHere>;
  readonly #held: HeldLeases;
  readonly #sight: LeaseSight;
  readonly #renewal: Renewal;
  readonly #taking = new Set<number>();
  /** Stops all work before `signal` does when an error is final. */
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  #failure: unknown;
  #cancelOffer = (): void => {};

  constructor(options: LeaseOptions) {
    this.#options = {
      onLost: () => {},
      onTrouble: () => {},
      clock: monotonicClock,
      random: Math.random,
      wallClockMs: Date.now,
      ...options,
    };
    this.#signal = AbortSignal.any([options.signal, this.#over.signal]);
    const onTrouble = (error: unknown) => this.#trouble(error);
    this.#held = new HeldLeases({
      ...this.#options,
      onTrouble,
      onDropped: (partition, revision) => {
        this.#sight.noticeOwner(partition, revision, options.instance);
        // A taking that was stored but not answered: the watch has shown it as ours already.
        this.#consider(partition, false);
      },
    });
    const { bucket, stage } = this.#options;
    this.#sight = new LeaseSight({
      ...this.#options,
      onTrouble,
      ask: (member) => bucket.get(memberKey(stage, member)),
      onForgotten: (member, revision) => {
        bucket.delete(memberKey(stage, member), revision).catch(onTrouble);
      },
      onFree: (partition) => this.#consider(partition, false),
      onTaken: (partition, revision) => this.#held.noticeTaken(partition, revision),
      onMembers: (change) => (change === 'joined' ? this.#giveSurplus() : this.#considerAll()),
    });
    this.#renewal = new Renewal({
      ...this.#options,
      signal: this.#signal,
      onTrouble,
      lookAtAll: () => this.#lookAtAll(),
      onRenewed: (startedAtMs) => {
        this.#held.extend(startedAtMs);
        // Whatever was passed over, for want of a renewal or by an error, gets its turn.
        this.#considerAll();
      },
    });
    this.ended = this.#run();
  }

  get partitions(): readonly number[] {
    return this.#held.partitions;
  }

  get memberCount(): number {
    return this.#sight.memberCount;
  }

  async #run(): Promise<void> {
    const { onStatus } = this.#options;
    const stopListening = onStatus?.((status) => this.#heed(status === 'connected'));
    this.#renewal.begin();
    try {
      await this.#watch();
    } finally {
      stopListening?.();
      this.#renewal.stop();
      this.#sight.stop();
      this.#cancelOffer();
      await this.#giveAllBack();
      this.#held.stop();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #giveAllBack(): Promise<void> {
    const { bucket, clock, stage, instance, onTrouble } = this.#options;
    const all = this.partitions.map((partition) => this.#held.giveBack(partition));
    all.push(bucket.delete(memberKey(stage, instance)).then(() => {}));
    const settled = await within(clock, endMs, Promise.allSettled(all));
    for (const one of settled ?? []) if (one.status === 'rejected') onTrouble(one.reason);
  }

  async #watch(): Promise<void> {
    const { bucket, stage } = this.#options;
    while (!this.#signal.aborted) {
      try {
        for await (const entry of bucket.watch(stageFilter(stage), this.#signal)) {
          this.#sight.notice(entry);
        }
        if (!this.#signal.aborted) throw closed();
      } catch (error) {
        this.#trouble(error);
        await this.#pause(retryMs);
      }
    }
  }

  #heed(connected: boolean): void {
    if (connected === this.#renewal.connected) return;
    if (connected) this.#sight.resume();
    else this.#sight.pause();
    this.#renewal.heed(connected);
  }

  /** What the watch cannot tell: keys that never were, and what a bucket lost with its tail. */
  async #lookAtAll(): Promise<void> {
    const { partitionCount } = this.#options;
    const partitions = Array.from({ length: partitionCount }, (_, partition) => partition);
    await Promise.all(partitions.map((partition) => this.#lookAt(partition)));
  }

  async #lookAt(partition: number): Promise<void> {
    const { bucket, stage } = this.#options;
    const held = this.#held.revisionOf(partition);
    const seen = this.#sight.revisionOf(partition);
    const entry = await bucket.get(partitionKey(stage, partition));
    if (this.#signal.aborted) return;
    this.#held.noticeStored(partition, held, entry?.revision);
    this.#sight.noticeStored(partition, entry, seen);
  }

  /** Each takes at most its share, rounded up, so that together they can take all. */
  get #share(): number {
    return Math.ceil(this.#options.partitionCount / this.memberCount);
  }

  #considerAll(): void {
    for (let partition = 0; partition < this.#options.partitionCount; partition += 1) {
      this.#consider(partition, false);
    }
  }

  #consider(partition: number, beyondShare: boolean): void {
    const expected = this.#sight.revisionIfFree(partition);
    const ours = this.#held.has(partition) || this.#taking.has(partition);
    if (expected === undefined || ours || this.#signal.aborted) return;
    // Others must see that we live, and we what is stored, before anything is ours.
    if (!this.#held.isValid || this.#renewal.inDoubt) return;
    if (partition >= this.#options.partitionCount) return;
    if (!beyondShare && this.partitions.length + this.#taking.size >= this.#share) {
      // Better unfair than nobody's.
      this.#options.clock.after(unclaimedMs, () => this.#consider(partition, true));
      return;
    }
    void this.#take(partition, expected, beyondShare);
  }

  async #take(partition: number, expected: number, beyondShare: boolean): Promise<void> {
    this.#taking.add(partition);
    try {
      await this.#held.take(partition, expected);
    } catch (error) {
      this.#trouble(error);
    }
    this.#taking.delete(partition);
    if (this.#held.has(partition)) {
      // While it named an owner, as ourselves, others may not have been free to take it.
      const wasOffered = beyondShare && expected === 0;
      if (wasOffered && !this.#signal.aborted) this.#offerLater();
      else this.#giveSurplus();
    } else {
      // A bucket that lost its tail has revisions that the watch passes by.
      await this.#lookAt(partition).catch((error: unknown) => this.#trouble(error));
      this.#sight.recheck(partition, expected);
      // The attempt counted towards the share: others may have been passed over for it.
      this.#considerAll();
    }
  }

  /** Those who left theirs unclaimed may be able to take them by then. */
  #offerLater(): void {
    this.#cancelOffer();
    this.#cancelOffer = this.#options.clock.after(offerAgainMs, () => this.#giveSurplus());
  }

  #giveSurplus(): void {
    const share = this.#signal.aborted ? 0 : this.#share;
    for (const partition of this.partitions.slice(share)) {
      this.#held.giveBack(partition).catch((error) => this.#trouble(error));
    }
  }

  #pause(durationMs: number): Promise<void> {
    if (this.#signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.#options.clock.after(durationMs, resolve));
  }

  #trouble(error: unknown): void {
    this.#options.onTrouble(error);
    const passes = error instanceof OutsideError && error.retriable;
    if (passes || this.#signal.aborted) return;
    this.#failure = error;
    this.#over.abort();
  }
}

/**
 * Owns partitions of a stage: at most its fair share, taken over from members that do not renew,
 * given back when others come or `signal` aborts. The lease is for liveness; the fence of each
 * append is the guard.
 */
export const holdLeases = (options: LeaseOptions): LeaseHolder => new Leases(options);
