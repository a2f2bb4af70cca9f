/** Counts requests in flight as exact time-weighted averages over whole seconds. */

/** One second of one meter. */
export interface SecondCount {
  /** When the second began: a multiple of 1,000. */
  readonly secondStartMs: number;
  /** Average requests in flight, in thousandths: exact, the sum of milliseconds in flight. */
  readonly concurrencyMilli: number;
  /** The part of it that an outer proxy has counted too. */
  readonly proxiedConcurrencyMilli: number;
  /** Requests that began in it. */
  readonly requests: number;
  readonly proxiedRequests: number;
}

/** All that one meter has counted. */
export interface CountedTotal {
  /** Until when; never goes back, and stands still while the caller's clock is behind it. */
  readonly atMs: number;
  /** Milliseconds that all requests were in flight from the meter's beginning to then, added up. */
  readonly inFlightMs: number;
}

export interface ConcurrencyMeter {
  /** A request begins. Times may come in any order; one before the last seen counts as that one. */
  enter(atMs: number, proxied?: boolean): void;
  /** It ends; `proxied` as given to `enter`. */
  leave(atMs: number, proxied?: boolean): void;
  readonly inFlight: number;
  readonly proxiedInFlight: number;
  /**
   * The total until `atMs`. What two of them differ by, divided by the time between their own
   * `atMs`, is an average: no other clock has counted the same milliseconds.
   */
  total(atMs: number): CountedTotal;
  /**
   * The count of the second that begins at `secondStartMs`; what is in flight is taken to have
   * stayed so until its end. Null: before the meter began or more than `secondsKept` ago.
   * @throws RangeError when it is not the start of a second.
   */
  roll(secondStartMs: number): SecondCount | null;
  /** Average in thousandths over whole kept seconds; null when one of them is not kept. */
  average(fromMs: number, toMs: number): number | null;
}

const secondMs = 1_000;

/** Rows of the ring, one column each, so that counting allocates nothing. */
interface Ring {
  readonly startMs: Float64Array;
  readonly area: Float64Array;
  readonly proxiedArea: Float64Array;
  readonly requests: Float64Array;
  readonly proxiedRequests: Float64Array;
}

const createRing = (size: number): Ring => ({
  startMs: new Float64Array(size).fill(Number.NaN),
  area: new Float64Array(size),
  proxiedArea: new Float64Array(size),
  requests: new Float64Array(size),
  proxiedRequests: new Float64Array(size),
});

class SecondsMeter implements ConcurrencyMeter {
  readonly #ring: Ring;
  readonly #size: number;
  #atMs: number;
  #secondMs: number;
  #row = 0;
  #inFlight = 0;
  #proxied = 0;
  #inFlightMs = 0;

  constructor(startMs: number, secondsKept: number) {
    // One row more for the second that is under way.
    this.#size = secondsKept + 1;
    this.#ring = createRing(this.#size);
    this.#atMs = startMs;
    this.#secondMs = startMs - (startMs % secondMs);
    this.#open(this.#secondMs);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get proxiedInFlight(): number {
    return this.#proxied;
  }

  total(atMs: number): CountedTotal {
    this.#advance(atMs);
    return { atMs: this.#atMs, inFlightMs: this.#inFlightMs };
  }

  enter(atMs: number, proxied = false): void {
    this.#advance(atMs);
    this.#inFlight++;
    this.#ring.requests[this.#row] = (this.#ring.requests[this.#row] as number) + 1;
    if (!proxied) return;
    this.#proxied++;
    this.#ring.proxiedRequests[this.#row] = (this.#ring.proxiedRequests[this.#row] as number) + 1;
  }

  leave(atMs: number, proxied = false): void {
    this.#advance(atMs);
    this.#inFlight--;
    if (proxied) this.#proxied--;
  }

  roll(secondStartMs: number): SecondCount | null {
    if (!Number.isInteger(secondStartMs) || secondStartMs % secondMs !== 0) {
      throw new RangeError(`secondStartMs is ${secondStartMs}; allowed are multiples of 1000`);
    }
    this.#advance(secondStartMs + secondMs);
    const row = this.#rowOf(secondStartMs);
    const ring = this.#ring;
    if (row < 0) return null;
    return {
      secondStartMs,
      concurrencyMilli: ring.area[row] as number,
      proxiedConcurrencyMilli: ring.proxiedArea[row] as number,
      requests: ring.requests[row] as number,
      proxiedRequests: ring.proxiedRequests[row] as number,
    };
  }

  average(fromMs: number, toMs: number): number | null {
    const seconds = (toMs - fromMs) / secondMs;
    if (seconds < 1 || !Number.isInteger(seconds)) {
      throw new RangeError(`${fromMs} to ${toMs} is not a number of whole seconds`);
    }
    let sum = 0;
    for (let atMs = fromMs; atMs < toMs; atMs += secondMs) {
      const count = this.roll(atMs);
      if (count === null) return null;
      sum += count.concurrencyMilli;
    }
    return Math.round(sum / seconds);
  }

  #rowOf(secondStartMs: number): number {
    const behind = (this.#secondMs - secondStartMs) / secondMs;
    if (behind < 0 || behind >= this.#size) return -1;
    const row = (this.#row - behind + this.#size) % this.#size;
    return this.#ring.startMs[row] === secondStartMs ? row : -1;
  }

  /**
   * Books the time since the last change, second by second; a clock that goes back stands still.
   */
  #advance(atMs: number): void {
    if (atMs <= this.#atMs) return;
    // After a long silence only the seconds that are kept are worth writing.
    const oldestMs = atMs - (atMs % secondMs) - this.#size * secondMs;
    if (this.#secondMs < oldestMs) this.#skipTo(oldestMs);
    while (atMs >= this.#secondMs + secondMs) {
      this.#book(this.#secondMs + secondMs);
      this.#secondMs += secondMs;
      this.#row = this.#row + 1 === this.#size ? 0 : this.#row + 1;
      this.#open(this.#secondMs);
    }
    this.#book(atMs);
  }

  #skipTo(secondStartMs: number): void {
    this.#inFlightMs += this.#inFlight * (secondStartMs - this.#atMs);
    this.#secondMs = secondStartMs;
    this.#atMs = secondStartMs;
    this.#open(secondStartMs);
  }

  #book(untilMs: number): void {
    const { area, proxiedArea } = this.#ring;
    const spanMs = untilMs - this.#atMs;
    this.#inFlightMs += this.#inFlight * spanMs;
    area[this.#row] = (area[this.#row] as number) + this.#inFlight * spanMs;
    proxiedArea[this.#row] = (proxiedArea[this.#row] as number) + this.#proxied * spanMs;
    this.#atMs = untilMs;
  }

  #open(secondStartMs: number): void {
    const ring = this.#ring;
    ring.startMs[this.#row] = secondStartMs;
    ring.area[this.#row] = 0;
    ring.proxiedArea[this.#row] = 0;
    ring.requests[this.#row] = 0;
    ring.proxiedRequests[this.#row] = 0;
  }
}

/**
 * A meter that begins at `startMs` (the caller's clock, whole milliseconds) and keeps the last
 * `secondsKept` finished seconds (default 16). Per call O(1) and without allocation.
 */
export const createConcurrencyMeter = (options: {
  startMs: number;
  secondsKept?: number;
}): ConcurrencyMeter => new SecondsMeter(options.startMs, options.secondsKept ?? 16);
