/** One workload's second, from its pages or from the queue-proxies of its pods. */
import type { WorkloadKey } from '@flyball/contracts';
import {
  type ActivatorLoads,
  activatorLoadOf,
  beyondActivators,
  blindSecond,
  type PodSecond,
  roundOf,
  type ScrapedWorkload,
  sampleSize,
  sumOfPods,
  type WorkloadSecond,
} from '@flyball/domain';
import { askPods } from './ask-pods.ts';
import type { SourceScraper } from './scrape-source.ts';
import type { Scraper } from './scraper.ts';

const secondMs = 1_000;

export interface Scrapers {
  readonly queueProxies: Scraper;
  readonly sources: SourceScraper;
  /** For all that one workload's second needs. */
  readonly withinMs: number;
  readonly monotonicMs: () => number;
  /** Told of every queue-proxy that was asked. */
  readonly onScraped: (answered: boolean) => void;
  /** Told of every workload whose pages were read; the reason when it is blind. */
  readonly onSource: (workload: WorkloadKey, blind: string | undefined) => void;
}

export interface AskedSecond {
  readonly secondAtMs: number;
  /** What the activators told, which pages see too. */
  readonly activators: ActivatorLoads;
}

const isIdle = ({ concurrencyMilli, requestsMilli, inFlight }: WorkloadSecond): boolean =>
  concurrencyMilli === 0 && requestsMilli === 0 && inFlight === 0;

const fromQueueProxies = async (
  { queueProxies, withinMs, monotonicMs, onScraped }: Scrapers,
  workload: WorkloadKey,
  { pods }: ScrapedWorkload,
  secondAtMs: number,
): Promise<WorkloadSecond | undefined> => {
  // A pod that starts or drains may be silent without anybody being blind.
  const ready = Object.entries(pods).flatMap(([name, { ready: isReady, metricsAddress }]) =>
    isReady && metricsAddress !== null ? [[name, metricsAddress] as const] : [],
  );
  if (ready.length === 0) return undefined;
  const size = sampleSize(ready.length);
  const answers = await askPods<readonly [string, string], PodSecond>({
    order: roundOf(ready, secondAtMs / secondMs, size),
    size,
    withinMs,
    monotonicMs,
    isSilent: ([, metricsAddress]) => queueProxies.isSilent(metricsAddress),
    ask: async ([, metricsAddress], leftMs) => {
      const second = await queueProxies.scrape({ workload, metricsAddress, withinMs: leftMs });
      onScraped(second !== undefined);
      return second;
    },
  });
  return sumOfPods(answers, ready.length);
};

/** At zero only what is there counts: nobody watches, and a page that fails hides nothing. */
const atZero = (second: WorkloadSecond): WorkloadSecond | undefined =>
  isIdle(second) || second === blindSecond ? undefined : second;

const fromPages = async (
  { sources, onSource }: Scrapers,
  workload: WorkloadKey,
  target: ScrapedWorkload & Required<Pick<ScrapedWorkload, 'source'>>,
  { secondAtMs, activators }: AskedSecond,
): Promise<WorkloadSecond | undefined> => {
  const answer = await sources.scrape(workload, target, secondAtMs);
  if (answer === undefined) return undefined;
  onSource(workload, answer.kind === 'blind' ? answer.reason : undefined);
  const second =
    answer.kind === 'blind'
      ? blindSecond
      : beyondActivators(answer.load, activatorLoadOf(activators, workload, secondAtMs));
  const hasPods = Object.values(target.pods).some(({ ready }) => ready);
  return hasPods ? second : atZero(second);
};

/** Undefined when there is nobody to ask, and nothing to say. A pod's second may lag by one. */
export const scrapeWorkload = (
  scrapers: Scrapers,
  workload: WorkloadKey,
  target: ScrapedWorkload,
  asked: AskedSecond,
): Promise<WorkloadSecond | undefined> => {
  const { source } = target;
  return source === undefined
    ? fromQueueProxies(scrapers, workload, target, asked.secondAtMs)
    : fromPages(scrapers, workload, { ...target, source }, asked);
};
