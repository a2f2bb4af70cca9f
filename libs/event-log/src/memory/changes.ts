/** Wakes those who wait for something to change; no timers, so simulated time can drive it. */

export class Changes {
  readonly #waiting = new Set<() => void>();

  add(wake: () => void): void {
    this.#waiting.add(wake);
  }

  remove(wake: () => void): void {
    this.#waiting.delete(wake);
  }

  notify(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** Resolves at the next change of any source, or when the signal aborts. */
export const untilChange = (sources: readonly Changes[], signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const wake = () => {
      for (const source of sources) source.remove(wake);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    for (const source of sources) source.add(wake);
    signal?.addEventListener('abort', wake, { once: true });
  });
