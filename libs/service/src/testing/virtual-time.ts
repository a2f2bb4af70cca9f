/** Virtual time: one queue of what is due; between two entries everything settles. */
import type { Clock } from '../clock.ts';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
  canceled: boolean;
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

/**
 * A promise's continuation may start further promises; a macrotask comes only after all of them. So
 * nothing here may wait for a real timer, thread or socket: it would never settle in time.
 */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class VirtualTime {
  #nowMs = 0;
  #order = 0;
  /** A binary heap: the first is the next one due. */
  readonly #heap: Entry[] = [];

  /** Milliseconds since the beginning; fractions occur. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs `action` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, action: () => void): () => void {
    this.#order += 1;
    const atMs = this.#nowMs + Math.max(0, delayMs);
    const entry: Entry = { atMs, order: this.#order, action, canceled: false };
    this.#push(entry);
    return () => {
      entry.canceled = true;
    };
  }

  /** Resolves after `delayMs`. */
  pass(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }

  /** Runs what is due through `untilMs`, in order, settling after each; stops when told to. */
  async run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    await settled();
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs || isOver()) break;
      this.#pop();
      if (next.canceled) continue;
      this.#nowMs = next.atMs;
      next.action();
      await settled();
    }
    if (!isOver()) this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Entry;
      if (isBefore(parent, entry)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Entry)) child += 1;
      const below = heap[child] as Entry;
      if (isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

/** A machine's clocks in virtual time: its wall clock began at `startMs`, UTC. */
export const virtualClock = (time: VirtualTime, startMs: number): Clock => ({
  nowMs: () => startMs + Math.floor(time.nowMs),
  monotonicMs: () => time.nowMs,
  after: (delayMs, action) => time.after(delayMs, action),
});
