/** How bad the roads are between the processes and what is outside of them: all faults of calls. */
import { OutsideError } from '@flyball/contracts';
import type { AppendFault } from '@flyball/event-log';
import type { VirtualTime } from '@flyball/service/testing';
import type { Process } from './process.ts';
import type { Random } from './random.ts';

/** Shares of all calls, from 0 to 1, unless another unit is named. */
export interface Rates {
  /** Calls and messages that take longer than no time at all, and how long at most. */
  readonly delayed: number;
  readonly delayMsMax: number;
  /** Calls that never arrive; their caller hears of a timeout. */
  readonly lost: number;
  /** Calls that are done, but their caller hears of a timeout. */
  readonly answerLost: number;
  /** Messages that arrive a second time, later. */
  readonly doubled: number;
  /** Later calls of a process may overtake its earlier ones. */
  readonly reordered: boolean;
  /** Calls at which the caller dies, half of them before and half after they are done. */
  readonly fatal: number;
}

export const calm: Rates = {
  delayed: 0,
  delayMsMax: 0,
  lost: 0,
  answerLost: 0,
  doubled: 0,
  reordered: false,
  fatal: 0,
};

export type Outside = 'nats' | 'redis' | 'platform';

/** A mishap that waits for the next call of this name. */
export interface Ambush {
  readonly process: string;
  readonly call: string;
  readonly strike: 'freeze' | 'kill before' | 'kill after';
  readonly forMs: number;
}

export interface WeatherOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  /** A process died of a mishap. */
  readonly onKilled: (process: Process) => void;
}

const errors = {
  nats: 'NATS_TIMEOUT',
  redis: 'REDIS_UNREACHABLE',
  platform: 'PLATFORM_UNREACHABLE',
} as const;

const timeout = (outside: Outside, call: string): OutsideError =>
  new OutsideError(errors[outside], `${call} was not answered in time`, { retriable: true });

export class Weather {
  rates: Rates = calm;
  readonly ambushes = new Set<Ambush>();
  /** How often NATS was restarted: what was under way on its connections before is gone. */
  restarts = 0;
  readonly #options: WeatherOptions;
  /** When the newest call of a process arrives: the next one comes after it. */
  readonly #arrivals = new WeakMap<Process, number>();

  constructor(options: WeatherOptions) {
    this.#options = options;
  }

  /** A call of a process to the outside: sent, done there, answered, or not. */
  async call<Value>(
    process: Process,
    outside: Outside,
    name: string,
    act: () => Promise<Value>,
  ): Promise<Value> {
    await process.gate();
    const { random } = this.#options;
    const ambush = this.#ambushOf(process, name);
    const fatal = this.rates.fatal > 0 && random.chance(this.rates.fatal);
    if (ambush?.strike === 'kill before' || (fatal && random.chance(0.5)))
      return this.#kill(process);
    if (ambush?.strike === 'freeze') await this.#freeze(process, ambush.forMs);
    await this.#onTheWay(process);
    if (random.chance(this.rates.lost)) {
      await this.#onTheWay(process);
      await process.gate();
      throw timeout(outside, name);
    }
    const value = await act();
    const answerLost = random.chance(this.rates.answerLost);
    if (ambush?.strike === 'kill after' || fatal) return this.#kill(process);
    const delayMs = this.#delayMs();
    if (delayMs > 0) await this.#options.time.pass(delayMs);
    await process.gate();
    if (answerLost) throw timeout(outside, name);
    return value;
  }

  /** What becomes of one try of an append, below the retries of the log's own client. */
  appendFault(): AppendFault {
    const { random } = this.#options;
    if (random.chance(this.rates.lost)) return 'message-lost';
    return random.chance(this.rates.answerLost) ? 'answer-lost' : 'none';
  }

  /** After how long a message comes a second time; undefined: it does not. */
  doubledAfterMs(): number | undefined {
    const { random } = this.#options;
    return random.chance(this.rates.doubled) ? random.between(0, 2_000) : undefined;
  }

  /** A message on its way to a process: taken when it has come and the process runs. */
  async delivery(process: Process): Promise<void> {
    const delayMs = this.#delayMs();
    if (delayMs > 0) await this.#options.time.pass(delayMs);
    await process.gate();
  }

  #delayMs(): number {
    const { random } = this.#options;
    const { delayed, delayMsMax } = this.rates;
    return random.chance(delayed) ? random.between(1, delayMsMax) : 0;
  }

  async #onTheWay(process: Process): Promise<void> {
    const { time } = this.#options;
    const wishedMs = time.nowMs + this.#delayMs();
    const earliestMs = this.rates.reordered ? 0 : (this.#arrivals.get(process) ?? 0);
    const atMs = Math.max(wishedMs, earliestMs);
    this.#arrivals.set(process, atMs);
    if (atMs > time.nowMs) await time.pass(atMs - time.nowMs);
  }

  #ambushOf(process: Process, name: string): Ambush | undefined {
    for (const ambush of this.ambushes) {
      if (ambush.process !== process.name || ambush.call !== name) continue;
      this.ambushes.delete(ambush);
      return ambush;
    }
    return undefined;
  }

  async #freeze(process: Process, forMs: number): Promise<void> {
    process.freeze();
    this.#options.time.after(forMs, () => process.thaw());
    await process.gate();
  }

  #kill(process: Process): Promise<never> {
    this.#options.onKilled(process);
    return new Promise<never>(() => undefined);
  }
}
