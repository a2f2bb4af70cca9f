/** The one key by which an instance lives: announced, renewed each second, and never in doubt. */
import type { MonotonicClock } from '../clock.ts';
import type { Bucket } from '../event-log.ts';
import { type Abilities, encodeLeaseValue, memberKey } from './lease-keys.ts';
import { lookAgainMs, ownedForMs, renewMs, retryMs } from './lease-limits.ts';

export interface RenewalOptions {
  readonly bucket: Bucket;
  readonly stage: string;
  readonly instance: string;
  readonly abilities?: Abilities | undefined;
  readonly clock: MonotonicClock;
  readonly wallClockMs: () => number;
  readonly signal: AbortSignal;
  /** Compares all partitions with what is stored; rejects when it cannot. */
  readonly lookAtAll: () => Promise<void>;
  /** A renewal that began then was acknowledged, and what is held is what is stored. */
  readonly onRenewed: (startedAtMs: number) => void;
  readonly onTrouble: (error: unknown) => void;
}

/**
 * A renewal says nothing of the partitions, so it counts only while it is known that they are still
 * ours: after an outage, or when the bucket lost its tail, they are looked up as well.
 */
export class Renewal {
  readonly #options: RenewalOptions;
  #connected = true;
  #renewing = false;
  #cancelTick = (): void => {};
  /** Raised by what may have changed the bucket unseen. */
  #doubts = 1;
  #settledDoubts = 0;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #newestRevision = 0;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** What is stored may differ from what is known: nothing is to be taken now. */
  get inDoubt(): boolean {
    return this.#doubts !== this.#settledDoubts;
  }

  /** Announces at once, then renews each second. */
  begin(): void {
    this.#soon(renewMs);
    this.#renew();
  }

  stop(): void {
    this.#cancelTick();
  }

  heed(connected: boolean): void {
    this.#connected = connected;
    this.#doubts += 1;
    if (connected) this.#renew();
  }

  #soon(delayMs: number): void {
    this.#cancelTick();
    this.#cancelTick = this.#options.clock.after(delayMs, () => {
      this.#soon(renewMs);
      this.#renew();
    });
  }

  get #isOver(): boolean {
    return this.#options.signal.aborted || !this.#connected;
  }

  /** One at a time; the next at once when this one came too late to count. */
  #renew(): void {
    if (this.#renewing || this.#isOver) return;
    this.#renewing = true;
    const untilCounted = async () => {
      while (!this.#isOver && !(await this.#renewOnce()));
    };
    untilCounted()
      .catch((error: unknown) => {
        this.#options.onTrouble(error);
        if (!this.#isOver) this.#soon(retryMs);
      })
      .finally(() => {
        this.#renewing = false;
      });
  }

  async #renewOnce(): Promise<boolean> {
    const { bucket, stage, instance, abilities, clock, wallClockMs, onRenewed } = this.#options;
    if (clock.monotonicMs() - this.#lookedAtMs >= lookAgainMs) this.#doubts += 1;
    const doubts = this.#doubts;
    const startedAtMs = clock.monotonicMs();
    const value = encodeLeaseValue({ instance, sinceMs: wallClockMs(), abilities });
    const [revision] = await Promise.all([
      bucket.put(memberKey(stage, instance), value),
      this.inDoubt ? this.#settle(doubts) : undefined,
    ]);
    // Revisions only go back in a bucket that lost its tail.
    if (revision <= this.#newestRevision) this.#doubts += 1;
    this.#newestRevision = revision;
    if (this.inDoubt) return false;
    onRenewed(startedAtMs);
    return clock.monotonicMs() - startedAtMs < ownedForMs;
  }

  async #settle(doubts: number): Promise<void> {
    await this.#options.lookAtAll();
    this.#lookedAtMs = this.#options.clock.monotonicMs();
    this.#settledDoubts = doubts;
  }
}
