/** Which instances of a stage live, by their announcements; each by this process's own clock. */
import type { MonotonicClock } from '../clock.ts';
import type { Entry } from '../event-log.ts';
import { FadeTimers } from './fade-timers.ts';
import { type Abilities, readLeaseValue } from './lease-keys.ts';
import { abandonedAfterMs, forgottenAfterMs } from './lease-limits.ts';

/** One instance that lives, and what it said that it can do. */
export interface Member {
  readonly instance: string;
  readonly abilities: Abilities;
}

interface Seen extends Member {
  readonly revision: number;
}

/** An announcement as it is stored, or its deletion. */
interface Announcement {
  readonly value: Uint8Array | undefined;
  readonly revision: number;
}

export interface MemberSightOptions {
  readonly clock: MonotonicClock;
  /** True of one that is known to have ended before this process began; false when not given. */
  readonly hasEnded?: ((instance: string) => boolean) | undefined;
  /** What is stored of a member: asked once more before it is taken for gone. */
  readonly ask: (token: string) => Promise<Entry | undefined>;
  readonly onChanged: (change: 'joined' | 'left' | 'abilities', token: string) => void;
  /** It left without a word, and the bucket says the same: before `onChanged`. */
  readonly onSilent?: (token: string) => void;
  /** It did not renew for so long that its announcement may be removed, at this revision. */
  readonly onForgotten?: (token: string, revision: number) => void;
  readonly onTrouble: (error: unknown) => void;
}

/** Of one seen before an outage: no revision is like it. */
const unknownRevision = 0;

/** Members are named by the tokens of their keys. */
export class MemberSight {
  readonly #options: MemberSightOptions;
  readonly #members = new Map<string, Seen>();
  /** Those that left without saying so, at the revision that was last seen. */
  readonly #gone = new Map<string, number>();
  readonly #fading: FadeTimers<string>;
  readonly #forgetting: FadeTimers<string>;
  #paused = false;

  constructor(options: MemberSightOptions) {
    this.#options = options;
    const { clock, onTrouble } = options;
    this.#fading = new FadeTimers(clock, abandonedAfterMs, (token) => {
      this.#confirm(token).catch(onTrouble);
    });
    this.#forgetting = new FadeTimers(clock, forgottenAfterMs, (token) => this.#forget(token));
  }

  /** In the order in which they were first seen. */
  get members(): readonly Member[] {
    return [...this.#members.values()].map(({ instance, abilities }) => ({ instance, abilities }));
  }

  get count(): number {
    return this.#members.size;
  }

  has(token: string): boolean {
    return this.#members.has(token);
  }

  /** It was silent for too long, and has announced nothing since this revision. */
  isGoneAt(token: string, revision: number): boolean {
    return this.#gone.get(token) === revision;
  }

  /** Takes in an announcement, or its deletion. */
  notice(token: string, { value, revision }: Announcement): void {
    // Told again by a watch that was made anew: no sign of life.
    const known = this.#members.get(token)?.revision === revision || this.isGoneAt(token, revision);
    if (value !== undefined && known) return;
    const hadGone = this.#gone.delete(token);
    this.#forgetting.stop(token);
    if (value === undefined) {
      this.#leave(token);
      return;
    }
    const before = this.#members.get(token);
    const { instance = token, abilities = {} } = readLeaseValue(value) ?? {};
    const isNew = before === undefined && !hadGone;
    if (isNew && this.#options.hasEnded?.(instance) === true) {
      // What it left. Should it announce itself once more, it lives, whatever is said of it.
      this.#gone.set(token, revision);
      if (!this.#paused) this.#forgetting.restart(token);
      return;
    }
    this.#members.set(token, { instance, abilities, revision });
    if (!this.#paused) this.#fading.restart(token);
    if (before === undefined) this.#options.onChanged('joined', token);
    else if (JSON.stringify(before.abilities) !== JSON.stringify(abilities)) {
      this.#options.onChanged('abilities', token);
    }
  }

  /** While nothing can be seen, nobody is taken for dead. */
  pause(): void {
    this.#paused = true;
    this.#fading.stopAll();
    this.#forgetting.stopAll();
  }

  /** An outage was everybody's: all get their whole time again. */
  resume(): void {
    this.#paused = false;
    for (const [token, seen] of [...this.#members]) {
      // What was seen before is not compared with: the bucket may have lost its tail, and have
      // given the same revision once more. What was asked before the outage is out of date.
      const anew = { ...seen, revision: unknownRevision };
      this.#members.set(token, anew);
      this.#fading.restart(token);
      this.#lookUp(token, anew).catch(this.#options.onTrouble);
    }
    for (const token of this.#gone.keys()) this.#forgetting.restart(token);
  }

  /** At which revision it is to be silent from now on. */
  async #lookUp(token: string, seen: Seen): Promise<void> {
    const entry = await this.#options.ask(token);
    if (this.#members.get(token) !== seen || entry === undefined) return;
    this.#members.set(token, { ...seen, revision: entry.revision });
  }

  /** The watch may have been silent about one that lives: the bucket itself is asked. */
  async #confirm(token: string): Promise<void> {
    const seen = this.#members.get(token);
    if (seen === undefined) return;
    const entry = await this.#options.ask(token).catch((error: unknown) => {
      this.#options.onTrouble(error);
      return 'unknown' as const;
    });
    if (this.#members.get(token) !== seen || this.#paused) return;
    if (entry === 'unknown') this.#fading.restart(token);
    else if (entry !== undefined && entry.revision !== seen.revision) this.notice(token, entry);
    else {
      if (entry !== undefined) {
        this.#gone.set(token, entry.revision);
        this.#forgetting.restart(token);
      }
      this.#leave(token, true);
    }
  }

  #forget(token: string): void {
    const revision = this.#gone.get(token);
    this.#gone.delete(token);
    if (revision !== undefined) this.#options.onForgotten?.(token, revision);
  }

  #leave(token: string, silently = false): void {
    this.#fading.stop(token);
    if (!this.#members.delete(token)) return;
    if (silently) this.#options.onSilent?.(token);
    this.#options.onChanged('left', token);
  }
}
