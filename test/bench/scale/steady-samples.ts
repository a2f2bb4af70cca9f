/** One sample a second of each workload, and what was published of it, to be found again. */
import { setTimeout as wait } from 'node:timers/promises';
import { type AnyEvent, decodeEvent, type WorkloadKey } from '@flyball/contracts';
import type { EventLog } from '@flyball/event-log';
import type { SampleSource } from '../pipeline/sample-source.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
const secondsPerMinute = 60;
/** A source has measured a second when it is over. */
const afterSecondMs = 20;
/** Between a tenth and six tenths of a request: the averages of each change at each tick. */
const leastMilli = 100;
const swingMilli = 500;

/** What the workload has in this second, thousandths; known again when it is looked for. */
const loadMilli = (index: number, secondAtMs: number): number =>
  leastMilli + (((secondAtMs / secondMs) * 7919 + index * 104_729) % swingMilli);

export interface SteadySamples {
  /** The first and the last second told so far, UTC ms. */
  readonly firstAtMs: number;
  lastAtMs(): number;
  /** How late the slowest second was published: a source that is late makes late ticks, ms. */
  slowestMs(): number;
  stop(): Promise<void>;
}

/** Tells every second from the next one on. */
export const beginSamples = (
  source: SampleSource,
  workloads: readonly WorkloadKey[],
): SteadySamples => {
  const indexes = new Map(workloads.map((workload, index) => [workload, index]));
  const firstAtMs = Math.ceil(Date.now() / secondMs) * secondMs;
  let [lastAtMs, slowestMs, stopped] = [firstAtMs - secondMs, 0, false];
  const tell = async (): Promise<void> => {
    while (!stopped) {
      const secondAtMs = lastAtMs + secondMs;
      await wait(Math.max(0, secondAtMs + secondMs + afterSecondMs - Date.now()));
      const loadOf = (workload: WorkloadKey) => loadMilli(indexes.get(workload) ?? 0, secondAtMs);
      await source.tellSecond(workloads, loadOf, secondAtMs);
      slowestMs = Math.max(slowestMs, Date.now() - secondAtMs - secondMs);
      lastAtMs = secondAtMs;
    }
  };
  const done = tell();
  // Told to whoever stops it.
  done.catch(() => undefined);
  return {
    firstAtMs,
    lastAtMs: () => lastAtMs,
    slowestMs: () => slowestMs,
    stop: async () => {
      stopped = true;
      await done;
    },
  };
};

const toldInMinute = (index: number, minuteAtMs: number): number => {
  let sum = 0;
  for (let second = 0; second < secondsPerMinute; second += 1) {
    sum += loadMilli(index, minuteAtMs + second * secondMs);
  }
  return sum;
};

export interface FoundMinutes {
  /** Workload-minutes of which every second was published. */
  readonly expected: number;
  /** Of these, recorded with exactly what was published in all of their seconds. */
  readonly whole: number;
  /** Recorded with something else. */
  readonly other: number;
}

export interface MinuteFinder {
  /** Reads what has been recorded since it last looked. */
  look(): Promise<FoundMinutes>;
}

/** Looks in MINUTES for what was published. */
export const createMinuteFinder = (
  log: EventLog,
  workloads: readonly WorkloadKey[],
  told: { readonly firstAtMs: number; readonly lastAtMs: number },
): MinuteFinder => {
  const fromMs = Math.ceil(told.firstAtMs / minuteMs) * minuteMs;
  const toMs = Math.floor((told.lastAtMs + secondMs) / minuteMs) * minuteMs;
  const indexes = new Map<string, number>(workloads.map((workload, index) => [workload, index]));
  const expected = workloads.length * Math.max(0, (toMs - fromMs) / minuteMs);
  const [whole, other] = [new Set<string>(), new Set<string>()];
  const { signal } = new AbortController();
  let afterSeq = 0;
  const take = (event: AnyEvent): void => {
    if (event.type !== 'MinuteRecorded') return;
    const { minuteAtMs, concurrencyMilli } = event.data;
    const index = indexes.get(event.workload ?? '');
    if (index === undefined || minuteAtMs < fromMs || minuteAtMs >= toMs) return;
    const sum = concurrencyMilli.reduce<number>((all, one) => all + (one ?? 0), 0);
    const isWhole = sum === toldInMinute(index, minuteAtMs);
    (isWhole ? whole : other).add(`${event.workload} ${minuteAtMs}`);
  };
  return {
    look: async () => {
      for await (const batch of log.minutes.readToEnd({ filter: '>', afterSeq, signal })) {
        for (const { body, subject, seq } of batch) {
          const decoded = decodeEvent(body, subject, seq);
          if (decoded.ok) take(decoded.event);
          afterSeq = seq;
        }
      }
      return { expected, whole: whole.size, other: other.size };
    },
  };
};
