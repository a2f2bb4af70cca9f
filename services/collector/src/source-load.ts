/** What the pages of one workload come to: shares of its load, or a sample of pods for all. */
import type { PageReading, PagesLoad, ReadSource } from '@flyball/domain';
import type { CounterMemory } from './counter-memory.ts';

export type SourceLoad =
  | { readonly kind: 'load'; readonly load: PagesLoad }
  | { readonly kind: 'blind'; readonly reason: string };

export const blind = (reason: string): SourceLoad => ({ kind: 'blind', reason });

const noSeries = 'a page has no such series, or one that is no count';
const noRate = 'the counters were read once only';

/** A page's reading with the rate of its counters, which is undefined until they are read twice. */
export interface RatedPage {
  readonly concurrency: number;
  readonly rate: number | undefined;
}

/** Undefined: the page does not have what was asked for. */
export const rated = (
  counters: CounterMemory,
  { key, reading, source }: { key: string; reading: PageReading; source: ReadSource },
): RatedPage | undefined => {
  if (reading.concurrency === undefined || reading.counters === undefined) return undefined;
  const rate = source.requests === null ? 0 : counters.rate(key, reading.counters);
  return { concurrency: reading.concurrency, rate };
};

/** Every page has its share of the load. */
export const sumOf = (pages: readonly (RatedPage | undefined)[]): SourceLoad => {
  let [concurrency, requestsPerSecond] = [0, 0];
  for (const page of pages) {
    if (page === undefined) return blind(noSeries);
    if (page.rate === undefined) return blind(noRate);
    concurrency += page.concurrency;
    requestsPerSecond += page.rate;
  }
  return { kind: 'load', load: { concurrency, requestsPerSecond } };
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Some pods stand for all; of a new one the rate is not known yet. */
export const scaledSumOf = (
  pages: readonly (RatedPage | undefined)[],
  podsInAll: number,
): SourceLoad => {
  const answered = pages.filter((page) => page !== undefined);
  if (answered.length < pages.length) return blind('a pod did not answer with such a series');
  const rates = answered.flatMap(({ rate }) => rate ?? []);
  if (rates.length === 0) return blind(noRate);
  const concurrency = mean(answered.map((page) => page.concurrency)) * podsInAll;
  return { kind: 'load', load: { concurrency, requestsPerSecond: mean(rates) * podsInAll } };
};
