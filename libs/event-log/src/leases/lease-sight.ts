/** What one instance sees of the leases of others: who lives, and which partitions are free. */
import type { Clock } from '../clock.ts';
import type { Entry, WatchedEntry } from '../event-log.ts';
import { FadeTimers } from './fade-timers.ts';
import { instanceIn, memberToken, parseLeaseKey } from './lease-keys.ts';
import { abandonedAfterMs, givenBackJitterMs } from './lease-limits.ts';
import { MemberSight, type MemberSightOptions } from './member-sight.ts';

interface Seen {
  readonly revision: number;
  /** To compare and set on; 0 when there is no such key. */
  readonly expected: number;
  /** Undefined when nobody owns it. */
  readonly owner: string | undefined;
  readonly free: boolean;
}

export interface LeaseSightOptions extends Omit<MemberSightOptions, 'onChanged'> {
  readonly stage: string;
  readonly instance: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** A partition may be taken now. */
  readonly onFree: (partition: number) => void;
  /** Somebody else owns this partition since this revision. */
  readonly onTaken: (partition: number, revision: number) => void;
  readonly onMembers: (change: 'joined' | 'left') => void;
}

/** No clock is compared: a lease is abandoned when its revision stays the same for a while here. */
export class LeaseSight {
  readonly #options: LeaseSightOptions;
  readonly #self: string;
  readonly #seen = new Map<number, Seen>();
  /** The others. */
  readonly #members: MemberSight;
  readonly #abandoned: FadeTimers<number>;
  readonly #soon = new Map<number, () => void>();
  #paused = false;

  constructor(options: LeaseSightOptions) {
    this.#options = options;
    this.#self = memberToken(options.instance);
    this.#abandoned = new FadeTimers(options.clock, abandonedAfterMs, (partition) =>
      this.#becomeFree(partition),
    );
    this.#members = new MemberSight({
      ...options,
      onChanged: (change) => {
        if (change !== 'abilities') options.onMembers(change);
      },
    });
  }

  /** Instances that live, this one included. */
  get memberCount(): number {
    return this.#members.count + 1;
  }

  /** The revision to take a free partition on; undefined when it is not free. */
  revisionIfFree(partition: number): number | undefined {
    const seen = this.#seen.get(partition);
    return seen?.free === true ? seen.expected : undefined;
  }

  /** Takes in an entry of the watch. */
  notice(entry: WatchedEntry): void {
    const { key, value, revision } = entry;
    const parsed = parseLeaseKey(this.#options.stage, key);
    if (parsed?.kind === 'member' && parsed.instance !== this.#self) {
      this.#members.notice(parsed.instance, entry);
    }
    if (parsed?.kind !== 'partition') return;
    const { partition } = parsed;
    if (value === undefined) this.noticeFree(partition, revision);
    else this.noticeOwner(partition, revision, instanceIn(value) ?? '');
  }

  /** A partition has an owner at this revision: ourselves (which frees it at once) or another. */
  noticeOwner(partition: number, revision: number, owner: string): void {
    if (revision < (this.#seen.get(partition)?.revision ?? 0)) return;
    this.#soon.get(partition)?.();
    this.#seen.set(partition, { revision, expected: revision, owner, free: false });
    if (owner === this.#options.instance) {
      this.#abandoned.stop(partition);
      this.#becomeFree(partition);
    } else {
      if (!this.#paused) this.#abandoned.restart(partition);
      this.#options.onTaken(partition, revision);
    }
  }

  /** What is stored now; only when it is older than what was seen: the bucket lost its tail. */
  noticeRewound(partition: number, entry: Entry | undefined): void {
    const { revision = 0, owner } = this.#seen.get(partition) ?? {};
    const lost = entry === undefined ? owner !== undefined : entry.revision < revision;
    if (!lost) return;
    this.#seen.delete(partition);
    if (entry === undefined) this.noticeFree(partition, 0);
    else this.noticeOwner(partition, entry.revision, instanceIn(entry.value) ?? '');
  }

  /** Nobody has this partition: given back at this revision, or never taken (0). */
  noticeFree(partition: number, revision: number): void {
    if (revision < (this.#seen.get(partition)?.revision ?? 0)) return;
    this.#abandoned.stop(partition);
    this.#soon.get(partition)?.();
    this.#seen.set(partition, { revision, expected: 0, owner: undefined, free: false });
    const { clock, random } = this.#options;
    const cancel = clock.after(random() * givenBackJitterMs, () => {
      this.#soon.delete(partition);
      this.#becomeFree(partition);
    });
    this.#soon.set(partition, cancel);
  }

  /**
   * An attempt to take it on `expected` came to nothing: if that is still all we know, wait for
   * news of it as if it had an owner; what we learned meanwhile counts.
   */
  recheck(partition: number, expected: number): void {
    const seen = this.#seen.get(partition);
    if (seen?.free !== true) return;
    if (seen.expected !== expected) {
      this.#options.onFree(partition);
      return;
    }
    this.#seen.set(partition, { ...seen, free: false });
    if (!this.#paused) this.#abandoned.restart(partition);
  }

  /** While nothing can be seen, nobody is taken for dead. */
  pause(): void {
    this.#paused = true;
    this.#abandoned.stopAll();
    this.#members.pause();
  }

  /** An outage was everybody's: all get their whole time again; what was ours is free at once. */
  resume(): void {
    this.#paused = false;
    this.#members.resume();
    for (const [partition, { owner, free }] of [...this.#seen]) {
      const ours = owner === this.#options.instance || owner === undefined;
      if (ours || free) this.#becomeFree(partition);
      else this.#abandoned.restart(partition);
    }
  }

  stop(): void {
    this.pause();
    for (const cancel of this.#soon.values()) cancel();
    this.#soon.clear();
  }

  #becomeFree(partition: number): void {
    const seen = this.#seen.get(partition);
    if (seen === undefined) return;
    this.#seen.set(partition, { ...seen, free: true });
    this.#options.onFree(partition);
  }
}
