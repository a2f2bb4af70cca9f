/** What a workload's pages say of its load: gauges as they stand, counters by their growth. */
import type { MetricsSource } from '@flyball/contracts';
import type { MetricSelector } from '@flyball/contracts/metric-selector';
import type { PrometheusPage, Series } from './prometheus-page.ts';

/** As old as Prometheus lets a value be before it does not count any more. */
export const measuredAgeMaxMs = 300_000;
/** More series than this are none of one workload. */
export const seriesMax = 10_000;

/** A source with its selectors read. */
export interface ReadSource {
  readonly concurrency: MetricSelector | null;
  readonly requests: MetricSelector | null;
  readonly absent: MetricsSource['absent'];
}

/** Counters of one page by their labels, and when they were read. */
export interface CounterReading {
  readonly atMs: number;
  readonly values: ReadonlyMap<string, number>;
}

/** One page's word; undefined: it says nothing of it. */
export interface PageReading {
  /** Requests in flight; 0 where no gauge is asked for. */
  readonly concurrency: number | undefined;
  readonly counters: CounterReading | undefined;
}

const usable = (all: readonly Series[], nowMs: number): readonly Series[] =>
  all.filter(
    ({ measuredAtMs }) => measuredAtMs === undefined || measuredAtMs >= nowMs - measuredAgeMaxMs,
  );

const isCount = (value: number): boolean => Number.isFinite(value) && value >= 0;

/** Undefined when there are none and that means nothing, or one of them is no count. */
const countsOf = (
  page: PrometheusPage,
  selector: MetricSelector,
  { absent, nowMs }: { readonly absent: MetricsSource['absent']; readonly nowMs: number },
): readonly Series[] | undefined => {
  const found = usable(page.select(selector), nowMs);
  if (found.length === 0) return absent === 'zero' ? [] : undefined;
  return found.length <= seriesMax && found.every(({ value }) => isCount(value))
    ? found
    : undefined;
};

/** Reads one page. `nowMs` is the wall clock, `atMs` a clock that does not jump. */
export const readSourcePage = (
  page: PrometheusPage,
  { concurrency, requests, absent }: ReadSource,
  { nowMs, atMs }: { readonly nowMs: number; readonly atMs: number },
): PageReading => {
  const gauges = concurrency === null ? [] : countsOf(page, concurrency, { absent, nowMs });
  const counters = requests === null ? [] : countsOf(page, requests, { absent, nowMs });
  return {
    concurrency: gauges?.reduce((sum, { value }) => sum + value, 0),
    counters: counters && {
      atMs,
      values: new Map(counters.map(({ key, value }) => [key, value])),
    },
  };
};

/**
 * Requests per second between two readings of a page. A counter that fell began again at zero; one
 * that was not there before says nothing yet.
 */
export const requestRate = (before: CounterReading, after: CounterReading): number | undefined => {
  const elapsedMs = after.atMs - before.atMs;
  if (elapsedMs <= 0) return undefined;
  let grown = 0;
  for (const [key, value] of after.values) {
    const known = before.values.get(key);
    if (known !== undefined) grown += value >= known ? value - known : value;
  }
  return (grown * 1_000) / elapsedMs;
};
