/** The seconds of every source, in columns by slot: what windows are made of, and Redis mirrors. */
import type { WorkloadKey } from '@flyball/contracts';

/** One source's second as it is stored: a value per workload, NaN where the source was blind. */
export interface SourceSecond {
  readonly source: string;
  /** Start of the second, UTC ms. */
  readonly secondAtMs: number;
  /** The source has told the whole second; before that, only what could not wait. */
  readonly whole: boolean;
  readonly workloads: readonly WorkloadKey[];
  /** Concurrency, in thousandths. */
  readonly concurrencyMilli: Float64Array;
  /** Requests that arrived, in thousandths. */
  readonly requestsMilli: Float64Array;
}

/** The same by slot; `absent` where the source did not cover the workload. */
export interface SecondColumns {
  readonly whole: boolean;
  readonly concurrency: Float64Array;
  readonly requests: Float64Array;
}

/** By source, then by second since 1970. */
export type SourceSeconds = Map<string, Map<number, SecondColumns>>;

/** No word of this source on this workload. */
export const absent = -1;

export const isMeasured = (value: number): boolean => value >= 0;
const isBlind = (value: number): boolean => Number.isNaN(value);

export const createColumns = (slots: number, whole: boolean): SecondColumns => ({
  whole,
  concurrency: new Float64Array(slots).fill(absent),
  requests: new Float64Array(slots).fill(absent),
});

export const valueAt = (
  columns: SecondColumns | undefined,
  slot: number,
  metric: 'concurrency' | 'rps',
): number => (metric === 'rps' ? columns?.requests : columns?.concurrency)?.[slot] ?? absent;

export const columnsOf = (
  seconds: SourceSeconds,
  source: string,
  second: number,
): SecondColumns | undefined => seconds.get(source)?.get(second);

export const putColumns = (
  seconds: SourceSeconds,
  source: string,
  second: number,
  columns: SecondColumns,
): void => {
  const ring = seconds.get(source);
  if (ring === undefined) seconds.set(source, new Map([[second, columns]]));
  else ring.set(second, columns);
};

/** The seconds in [from, to) that any source spoke of, ascending. */
export const secondsBetween = (seconds: SourceSeconds, from: number, to: number): number[] => {
  const found = new Set<number>();
  for (const ring of seconds.values()) {
    if (to - from < ring.size) {
      for (let second = from; second < to; second += 1) if (ring.has(second)) found.add(second);
    } else {
      for (const second of ring.keys()) if (second >= from && second < to) found.add(second);
    }
  }
  return [...found].sort((a, b) => a - b);
};

/** Forgets every second before `keepFrom`, and sources that have none left. */
export const trimSeconds = (seconds: SourceSeconds, keepFrom: number): void => {
  for (const [source, ring] of seconds) {
    for (const second of ring.keys()) if (second < keepFrom) ring.delete(second);
    if (ring.size === 0) seconds.delete(source);
  }
};

/** What all sources together say of one workload's second. */
export interface SummedSecond {
  /** Null: nobody measured it. */
  readonly concurrency: number | null;
  readonly requests: number | null;
  /** Some source covered it, measured or not. */
  readonly covered: boolean;
  /** Some covering source could not measure. */
  readonly blind: boolean;
}

const addMeasured = (sum: number | null, value: number): number | null =>
  isMeasured(value) ? (sum ?? 0) + value : sum;

export const summedSecond = (
  seconds: SourceSeconds,
  second: number,
  slot: number,
): SummedSecond => {
  let concurrency: number | null = null;
  let requests: number | null = null;
  let covered = false;
  let blind = false;
  for (const ring of seconds.values()) {
    const columns = ring.get(second);
    const value = columns?.concurrency[slot] ?? absent;
    if (value === absent) continue;
    covered = true;
    blind ||= isBlind(value);
    concurrency = addMeasured(concurrency, value);
    requests = addMeasured(requests, columns?.requests[slot] ?? absent);
  }
  return { concurrency, requests, covered, blind };
};
