/** A fixed number of things under way at once; who comes later waits in line. */

export class Slots {
  #free: number;
  readonly #count: number;
  readonly #waiting: (() => void)[] = [];
  readonly #whenIdle: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
    this.#count = count;
  }

  /** Resolves once nothing is under way. */
  async idle(): Promise<void> {
    if (this.#free < this.#count) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
  }

  /** Runs `work` as soon as a slot is free; first come, first served. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
      if (this.#free === this.#count) for (const wake of this.#whenIdle.splice(0)) wake();
    }
  }
}
