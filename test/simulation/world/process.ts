/** A process that does not exist: its clock, and whether it runs, is frozen, or is dead. */
import type { Clock } from '@flyball/service';
import type { VirtualTime } from '@flyball/service/testing';

/** Where every wall clock begins: 2026-01-01. */
export const epochMs = 1_767_225_600_000;

/** A dead process never gets an answer. */
const never = new Promise<never>(() => undefined);

export class Process {
  readonly name: string;
  readonly clock: Clock;
  readonly #time: VirtualTime;
  #state: 'running' | 'frozen' | 'thawing' | 'dead' = 'running';
  /** What came while it was frozen. */
  #backlog: (() => void)[] = [];
  /** How far its wall clock is ahead. */
  skewMs: number;

  constructor(name: string, time: VirtualTime, skewMs: number) {
    this.name = name;
    this.#time = time;
    this.skewMs = skewMs;
    this.clock = {
      nowMs: () => epochMs + Math.floor(time.nowMs) + this.skewMs,
      monotonicMs: () => time.nowMs,
      after: (delayMs, action) => this.#after(delayMs, action),
    };
  }

  get isAlive(): boolean {
    return this.#state !== 'dead';
  }

  /** It runs, if only to catch up. */
  get isAwake(): boolean {
    return this.#state === 'running' || this.#state === 'thawing';
  }

  /** Stops it where it is, as SIGSTOP does; the world goes on. */
  freeze(): void {
    if (this.#state !== 'dead') this.#state = 'frozen';
  }

  /** Goes on: what came meanwhile happens first, in the order in which it came. */
  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'thawing';
    this.#catchUp();
  }

  #catchUp(): void {
    if (this.#state !== 'thawing') return;
    const next = this.#backlog.shift();
    if (next === undefined) {
      this.#state = 'running';
      return;
    }
    next();
    this.#time.after(0, () => this.#catchUp());
  }

  /** Ends it at once, as SIGKILL does: nothing that it had begun comes to anything. */
  kill(): void {
    this.#state = 'dead';
    this.#backlog = [];
  }

  /** Resolves when the process can go on: at once, after its thaw, or never. */
  async gate(): Promise<void> {
    if (this.#state === 'running') return;
    if (this.#state === 'dead') return never;
    await new Promise<void>((resolve) => this.#backlog.push(resolve));
    // It may have been killed, or frozen again, between its turn and now.
    if (!this.isAwake) await this.gate();
  }

  #after(delayMs: number, action: () => void): () => void {
    if (this.#state === 'dead') return () => undefined;
    let canceled = false;
    const cancel = this.#time.after(delayMs, () =>
      this.#take(() => {
        if (!canceled) action();
      }),
    );
    return () => {
      canceled = true;
      cancel();
    };
  }

  #take(action: () => void): void {
    if (this.#state === 'running') action();
    else if (this.#state !== 'dead') this.#backlog.push(action);
  }
}
