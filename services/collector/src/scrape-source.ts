/** Reads a workload's load from the Prometheus pages that its policy names. */
import type { MetricsSource, WorkloadKey } from '@flyball/contracts';
import { readMetricSelector } from '@flyball/contracts/metric-selector';
import {
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
import {
  blind,
  type RatedPage,
  rated,
  type SourceLoad,
  scaledSumOf,
  sumOf,
} from './source-load.ts';
import type { UrlPagesReader } from './url-pages.ts';

const secondMs = 1_000;

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

/** Where the page of a pod is; `port` null: where it takes requests. */
const originOf = (address: string, port: number | null): string =>
  `http://${port === null ? address : `${address.slice(0, address.lastIndexOf(':'))}:${port}`}`;

interface Asked {
  readonly options: SourceScraperOptions;
  readonly counters: CounterMemory;
  readonly workload: WorkloadKey;
  readonly source: ReadSource;
  readonly secondAtMs: number;
}

const fromUrls = async (
  { options, counters, workload, source, secondAtMs }: Asked,
  urls: readonly string[],
): Promise<SourceLoad> => {
  const rounds = await Promise.all(urls.map((url) => options.urls.read(url, secondAtMs)));
  const pages: (RatedPage | undefined)[] = [];
  for (const round of rounds) {
    if (!round.ok) return blind(round.reason);
    for (const { key, page, atMs } of round.pages) {
      const reading = readSourcePage(page, source, { nowMs: options.nowMs(), atMs });
      pages.push(rated(counters, { key: `${workload} ${key}`, reading, source }));
    }
  }
  return sumOf(pages);
};

type PodPages = Extract<MetricsSource['pages'], { from: 'pods' }>;

const fromPods = async (
  { options, counters, workload, source, secondAtMs }: Asked,
  { pods }: ScrapedWorkload,
  { port, path }: PodPages,
): Promise<SourceLoad | undefined> => {
  const { withinMs, nowMs, monotonicMs } = options;
  const ready = Object.entries(pods).flatMap(([name, { ready: isReady, address }]) =>
    isReady && address !== null ? [[name, originOf(address, port)] as const] : [],
  );
  if (ready.length === 0) return undefined;
  const size = sampleSize(ready.length);
  // A counter is compared with its last reading: most of those asked are asked again next time.
  const step = source.requests === null ? size : 1;
  const order = roundOf(ready, secondAtMs / secondMs, step);
  const ask = async ([name, origin]: readonly [string, string], leftMs: number) => {
    const answer = await options.pods.read({ origin, path, whole: workload, withinMs: leftMs });
    if (!answer.ok) return undefined;
    const page = readPrometheusPage(answer.text);
    const reading = readSourcePage(page, source, { nowMs: nowMs(), atMs: monotonicMs() });
    return rated(counters, { key: `${workload} ${name} ${origin}`, reading, source });
  };
  const isSilent = ([, origin]: readonly [string, string]): boolean =>
    options.pods.isSilent({ origin, path });
  const answers = await askPods({ order, size, withinMs, monotonicMs, isSilent, ask });
  return scaledSumOf(answers, ready.length);
};

export const createSourceScraper = (options: SourceScraperOptions): SourceScraper => {
  const counters = createCounterMemory();
  const readSource = createReadSources();
  return {
    scrape: (workload, target, secondAtMs) => {
      const { pages } = target.source;
      const source = readSource(target.source);
      const asked: Asked = { options, counters, workload, source, secondAtMs };
      return pages.from === 'urls' ? fromUrls(asked, pages.urls) : fromPods(asked, target, pages);
    },
  };
};
