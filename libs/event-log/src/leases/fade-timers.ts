/** Timers by key that run out unless restarted, and that can be paused all together. */
import type { MonotonicClock } from '../clock.ts';

export class FadeTimers<Key> {
  readonly #clock: MonotonicClock;
  readonly #afterMs: number;
  readonly #onFaded: (key: Key) => void;
  readonly #running = new Map<Key, () => void>();

  constructor(clock: MonotonicClock, afterMs: number, onFaded: (key: Key) => void) {
    this.#clock = clock;
    this.#afterMs = afterMs;
    this.#onFaded = onFaded;
  }

  restart(key: Key): void {
    this.stop(key);
    const cancel = this.#clock.after(this.#afterMs, () => {
      this.#running.delete(key);
      this.#onFaded(key);
    });
    this.#running.set(key, cancel);
  }

  stop(key: Key): void {
    this.#running.get(key)?.();
    this.#running.delete(key);
  }

  stopAll(): void {
    for (const cancel of this.#running.values()) cancel();
    this.#running.clear();
  }
}
