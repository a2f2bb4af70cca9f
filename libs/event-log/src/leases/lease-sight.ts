/** What one instance sees of the leases of others: who lives, and which partitions are free. */
import type { MonotonicClock } from '../clock.ts';
import type { Entry, WatchedEntry } from '../event-log.ts';
import { FadeTimers } from './fade-timers.ts';
import { instanceIn, memberToken, parseLeaseKey } from './lease-keys.ts';
import { abandonedAfterMs, givenBackJitterMs } from './lease-limits.ts';
import { MemberSight, type MemberSightOptions } from './member-sight.ts';

interface Seen {
  readonly revision: number;
  /** To compare and set on; 0 when there is no such key. */
  readonly expected: number;
  /** Undefined when nobody owns it; empty when it does not say who. */
  readonly owner: string | undefined;
  readonly free: boolean;
}

export interface LeaseSightOptions extends Omit<MemberSightOptions, 'onChanged' | 'onSilent'> {
  readonly stage: string;
  readonly instance: string;
  readonly clock: MonotonicClock;
  /** In [0, 1). */
  readonly random: () => number;
  /** A partition may be taken now. */
  readonly onFree: (partition: number) => void;
  /** Somebody else owns this partition since this revision. */
  readonly onTaken: (partition: number, revision: number) => void;
  readonly onMembers: (change: 'joined' | 'left') => void;
}

/**
 * A partition is abandoned when its owner is: its announcement did not change for a while by this
 * process's own clock, and the bucket, asked once more, says the same. No clock is compared.
 */
export class LeaseSight {
  readonly #options: LeaseSightOptions;
  readonly #self: string;
  readonly #seen = new Map<number, Seen>();
  /** The others. */
  readonly #members: MemberSight;
  /** Partitions of owners that are not seen to live. */
  readonly #orphaned: FadeTimers<number>;
  readonly #soon = new Map<number, () => void>();
  #paused = false;

  constructor(options: LeaseSightOptions) {
    this.#options = options;
    this.#self = memberToken(options.instance);
    this.#orphaned = new FadeTimers(options.clock, abandonedAfterMs, (partition) => {
      this.#judge(partition).catch(options.onTrouble);
    });
    this.#members = new MemberSight({
      ...options,
      onSilent: (token) => {
        for (const partition of this.#partitionsOf(token)) this.#becomeFree(partition);
      },
      onChanged: (change, token) => {
        if (change === 'abilities') return;
        // One that said goodbye gives back what it has; it may be at that.
        if (change === 'left') for (const one of this.#partitionsOf(token)) this.#await(one);
        options.onMembers(change);
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

  /** Of what was seen last; undefined: nothing. */
  revisionOf(partition: number): number | undefined {
    return this.#seen.get(partition)?.revision;
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
    // Told again by a watch that was made anew, or out of date: no news.
    if (revision <= (this.revisionOf(partition) ?? 0)) return;
    if (value === undefined) this.noticeFree(partition, revision);
    else this.noticeOwner(partition, revision, instanceIn(value) ?? '');
  }

  /**
   * A partition has an owner at this revision: ourselves, or one that is known to have ended (which
   * frees it at once), or another.
   */
  noticeOwner(partition: number, revision: number, owner: string): void {
    if (revision < (this.revisionOf(partition) ?? 0)) return;
    this.#soon.get(partition)?.();
    this.#orphaned.stop(partition);
    this.#seen.set(partition, { revision, expected: revision, owner, free: false });
    if (owner === this.#options.instance) {
      this.#becomeFree(partition);
      return;
    }
    this.#options.onTaken(partition, revision);
    if (this.#members.has(memberToken(owner))) return;
    if (this.#options.hasEnded?.(owner) === true) this.#becomeFree(partition);
    else this.#await(partition);
  }

  /**
   * What is stored, by a question asked while `seenRevision` was all that was known. It counts even
   * when it is older than that: then the bucket lost its tail.
   */
  noticeStored(
    partition: number,
    entry: Entry | undefined,
    seenRevision: number | undefined,
  ): void {
    const seen = this.#seen.get(partition);
    if (seen?.revision !== seenRevision) return;
    if (entry === undefined) {
      if (seen !== undefined && seen.owner === undefined) return;
      this.#seen.delete(partition);
      this.noticeFree(partition, 0);
      return;
    }
    const owner = instanceIn(entry.value) ?? '';
    if (seen?.revision === entry.revision && seen.owner === owner) return;
    this.#seen.delete(partition);
    this.noticeOwner(partition, entry.revision, owner);
  }

  /** Nobody has this partition: given back at this revision, or never taken (0). */
  noticeFree(partition: number, revision: number): void {
    if (revision < (this.revisionOf(partition) ?? 0)) return;
    this.#orphaned.stop(partition);
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
    this.#await(partition);
  }

  /** While nothing can be seen, nobody is taken for dead. */
  pause(): void {
    this.#paused = true;
    this.#orphaned.stopAll();
    this.#members.pause();
  }

  /** An outage was everybody's: all get their whole time again; what was ours is free at once. */
  resume(): void {
    this.#paused = false;
    this.#members.resume();
    for (const [partition, { owner, free }] of [...this.#seen]) {
      const ours = owner === this.#options.instance || owner === undefined;
      if (ours || free) this.#becomeFree(partition);
      else if (!this.#members.has(memberToken(owner))) this.#await(partition);
    }
  }

  stop(): void {
    this.pause();
    for (const cancel of this.#soon.values()) cancel();
    this.#soon.clear();
  }

  #partitionsOf(token: string): readonly number[] {
    return [...this.#seen].flatMap(([partition, { owner, free }]) =>
      !free && owner !== undefined && memberToken(owner) === token ? [partition] : [],
    );
  }

  #await(partition: number): void {
    if (!this.#paused) this.#orphaned.restart(partition);
  }

  /** Nobody was heard of for long enough: the bucket is asked for its owner. */
  async #judge(partition: number): Promise<void> {
    const seen = this.#seen.get(partition);
    if (seen === undefined || seen.free) return;
    const { owner } = seen;
    const nobody = owner === undefined || owner === '' || owner === this.#options.instance;
    if (nobody) return this.#becomeFree(partition);
    const token = memberToken(owner);
    // Its silence will tell.
    if (this.#members.has(token)) return;
    const entry = await this.#options.ask(token).catch((error: unknown) => {
      this.#options.onTrouble(error);
      return 'unknown' as const;
    });
    if (this.#seen.get(partition) !== seen || this.#paused) return;
    if (entry === 'unknown') this.#await(partition);
    else if (entry === undefined || this.#members.isGoneAt(token, entry.revision)) {
      this.#becomeFree(partition);
    } else this.#members.notice(token, entry);
  }

  #becomeFree(partition: number): void {
    const seen = this.#seen.get(partition);
    if (seen === undefined) return;
    this.#seen.set(partition, { ...seen, free: true });
    this.#options.onFree(partition);
  }
}
