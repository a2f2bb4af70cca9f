/** Reads a workload's load from the Prometheus pages that its policy names. */
import type { MetricsSource, WorkloadKey } from '@flyball/contracts';
import { readMetricSelector } from '@flyball/contracts/metric-selector';
import {
  type PageReading,
  type PagesLoad,
  type ReadSource,
  readPrometheusPage,
  readSourcePage,
  roundOf,
  type ScrapedWorkload,
  sampleSize,
} from '@flyball/domain';
import { askPods } from './ask-pods.ts';
import { type CounterMemory, createCounterMemory } from './counter-memory.ts';
import type { PageReader } from './page-reader.ts';
import type { UrlPagesReader } from './url-pages.ts';

const secondMs = 1_000;

export type SourceLoad =
  | { readonly kind: 'load'; readonly load: PagesLoad }
  | { readonly kind: 'blind'; readonly reason: string };

export interface SourceScraper {
  /** What all pages together say of the second; undefined when there is nobody to ask. */
  scrape(
    workload: WorkloadKey,
    target: ScrapedWorkload & { readonly source: MetricsSource },
    secondAtMs: number,
  ): Promise<SourceLoad | undefined>;
}

export interface SourceScraperOptions {
  readonly urls: UrlPagesReader;
  readonly pods: PageReader;
  readonly withinMs: number;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
}

const blind = (reason: string): SourceLoad => ({ kind: 'blind', reason });
const noSeries = 'a page has no such series, or one that is no count';
const noRate = 'the counters were read once only';

const selectorOf = (text: string | null) => {
  if (text === null) return null;
  const read = readMetricSelector(text);
  if (!read.ok) throw new Error(`${text} ${read.reason}`);
  return read.selector;
};

/** Selectors are read once as long as the policy stays. */
const createReadSources = () => {
  const known = new WeakMap<MetricsSource, ReadSource>();
  return (source: MetricsSource): ReadSource => {
    const read = known.get(source) ?? {
      concurrency: selectorOf(source.concurrency),
      requests: selectorOf(source.requests),
      absent: source.absent,
    };
    known.set(source, read);
    return read;
  };
};

/** A page's reading with the rate of its counters, which is undefined until they are read twice. */
interface RatedPage {
  readonly concurrency: number;
  readonly rate: number | undefined;
}

/** Undefined: the page does not have what was asked for. */
const rated = (
  counters: CounterMemory,
  { key, reading, source }: { key: string; reading: PageReading; source: ReadSource },
): RatedPage | undefined => {
  if (reading.concurrency === undefined || reading.counters === undefined) return undefined;
  const rate = source.requests === null ? 0 : counters.rate(key, reading.counters);
  return { concurrency: reading.concurrency, rate };
};

/** Every page has its share of the load. */
const sumOf = (pages: readonly (RatedPage | undefined)[]): SourceLoad => {
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
const scaledSumOf = (pages: readonly (RatedPage | undefined)[], podsInAll: number): SourceLoad => {
  const answered = pages.filter((page) => page !== undefined);
  if (answered.length < pages.length) return blind('a pod did not answer with such a series');
  const rates = answered.flatMap(({ rate }) => rate ?? []);
  if (rates.length === 0) return blind(noRate);
  const concurrency = mean(answered.map((page) => page.concurrency)) * podsInAll;
  return { kind: 'load', load: { concurrency, requestsPerSecond: mean(rates) * podsInAll } };
};

/** Where the page of a pod is; `port` null: where it takes requests. */
const originOf = (address: string, port: number | null): string =>
  `http://${port === null ? address : `${address.slice(0, address.lastIndexOf(':'))}:${port}`}`;

export const createSourceScraper = (options: SourceScraperOptions): SourceScraper => {
  const { urls, pods: podPages, withinMs, nowMs, monotonicMs } = options;
  const counters = createCounterMemory();
  const readSource = createReadSources();

  const fromUrls = async (
    workload: WorkloadKey,
    asked: readonly string[],
    { source, secondAtMs }: { readonly source: ReadSource; readonly secondAtMs: number },
  ): Promise<SourceLoad> => {
    const rounds = await Promise.all(asked.map((url) => urls.read(url, secondAtMs)));
    const pages: (RatedPage | undefined)[] = [];
    for (const round of rounds) {
      if (!round.ok) return blind(round.reason);
      for (const { key, page, atMs } of round.pages) {
        const reading = readSourcePage(page, source, { nowMs: nowMs(), atMs });
        pages.push(rated(counters, { key: `${workload} ${key}`, reading, source }));
      }
    }
    return sumOf(pages);
  };

  const fromPods = async (
    workload: WorkloadKey,
    { pods }: ScrapedWorkload,
    {
      source,
      port,
      path,
      secondAtMs,
    }: { source: ReadSource; port: number | null } & {
      readonly path: string;
      readonly secondAtMs: number;
    },
  ): Promise<SourceLoad | undefined> => {
    const ready = Object.entries(pods).flatMap(([name, { ready, address }]) =>
      ready && address !== null ? [[name, originOf(address, port)] as const] : [],
    );
    if (ready.length === 0) return undefined;
    const size = sampleSize(ready.length);
    // A counter is compared with its last reading: most of those asked are asked again next time.
    const step = source.requests === null ? size : 1;
    const answers = await askPods({
      order: roundOf(ready, secondAtMs / secondMs, step),
      size,
      withinMs,
      monotonicMs,
      ask: async ([name, origin], leftMs) => {
        const answer = await podPages.read({ origin, path, withinMs: leftMs });
        if (!answer.ok) return undefined;
        const page = readPrometheusPage(answer.text);
        const reading = readSourcePage(page, source, { nowMs: nowMs(), atMs: monotonicMs() });
        return rated(counters, { key: `${workload} ${name} ${origin}`, reading, source });
      },
    });
    return scaledSumOf(answers, ready.length);
  };

  return {
    scrape: (workload, target, secondAtMs) => {
      const { pages } = target.source;
      const source = readSource(target.source);
      return pages.from === 'urls'
        ? fromUrls(workload, pages.urls, { source, secondAtMs })
        : fromPods(workload, target, { source, secondAtMs, port: pages.port, path: pages.path });
    },
  };
};
