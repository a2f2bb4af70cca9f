/** The collector: asks the queue-proxies of its partitions for their counts, once a second. */
import { OutsideError, partitionFilter } from '@flyball/contracts';
import { type ScrapeTargets, scrapeTargetsProjection } from '@flyball/domain';
import type { EventLog } from '@flyball/event-log';
import {
  connectBus,
  defineService,
  followProjection,
  type Life,
  ownPartitions,
  sleep,
} from '@flyball/service';
import { Counter } from 'prom-client';
import type { z } from 'zod';
import { collectorConfig } from './config.ts';
import { scrapePartition } from './scrape-partition.ts';
import { createScraper, type Scraper } from './scraper.ts';

const secondMs = 1_000;
/** The pods' own second must have ended, also where their clocks are a little behind. */
const scrapeOffsetMs = 25;

interface Parts {
  readonly log: EventLog;
  readonly life: Life;
  readonly scraper: Scraper;
  readonly scrapesAtOnceMax: number;
  readonly scrapes: Counter<'result'>;
}

/** Follows the pods of a partition into `targets`. */
const followTargets = (
  { log, life }: Parts,
  partition: number,
  setTargets: (targets: ScrapeTargets) => void,
  signal: AbortSignal,
): Promise<void> =>
  followProjection(
    {
      log,
      life,
      filter: partitionFilter(partition),
      snapshotKey: { stage: 'collector', partition },
      projection: scrapeTargetsProjection,
      onCaughtUp: setTargets,
      onChanged: setTargets,
    },
    signal,
  );

/** One round a second until the signal aborts. A batch that cannot be sent in time is not sent late. */
const scrapeRounds = async (
  parts: Parts,
  partition: number,
  targets: () => ScrapeTargets | undefined,
  signal: AbortSignal,
): Promise<void> => {
  const { life, log, scraper, scrapesAtOnceMax, scrapes } = parts;
  while (!signal.aborted) {
    const nowMs = life.clock.nowMs();
    const secondAtMs = nowMs - (nowMs % secondMs);
    await sleep(life.clock, secondAtMs + secondMs + scrapeOffsetMs - nowMs, signal);
    const known = targets();
    if (signal.aborted || known === undefined) continue;
    const batch = await scrapePartition(known, {
      partition,
      secondAtMs,
      atMs: life.clock.nowMs(),
      scraper,
      scrapesAtOnceMax,
      onScraped: (answered) => scrapes.inc({ result: answered ? 'answered' : 'silent' }),
    });
    if (batch === undefined) continue;
    try {
      await log.samples.append(batch);
    } catch (error) {
      if (!(error instanceof OutsideError) || !error.retriable) throw error;
      life.logger.warn({ err: error, partition, secondAtMs }, 'a second could not be told');
    }
  }
};

const collectPartition = async (
  parts: Parts,
  partition: number,
  signal: AbortSignal,
): Promise<void> => {
  let targets: ScrapeTargets | undefined;
  const setTargets = (known: ScrapeTargets): void => {
    targets = known;
  };
  // When one of the two fails the other must end with it: the partition is begun again as a whole.
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  const loops = [
    followTargets(parts, partition, setTargets, both),
    scrapeRounds(parts, partition, () => targets, both),
  ];
  try {
    await Promise.all(loops);
  } finally {
    failed.abort();
    await Promise.allSettled(loops);
  }
};

export const collector = defineService({
  name: 'collector',
  configSchema: collectorConfig,
  start: async (config: Readonly<z.infer<typeof collectorConfig>>, life) => {
    const log = await connectBus(config, life);
    const scraper = createScraper(config.scrapeTimeoutMs);
    life.onClose('scraper', scraper.close);
    const scrapes = new Counter({
      name: 'flyball_collector_scrapes_total',
      help: 'Pods asked for their counts, by whether they answered in time.',
      labelNames: ['result'] as const,
      registers: [life.metrics],
    });
    const { scrapesAtOnceMax } = config;
    const parts: Parts = { log, life, scraper, scrapesAtOnceMax, scrapes };
    await ownPartitions({
      log,
      stage: 'collector',
      life,
      run: (partition, signal) => collectPartition(parts, partition, signal),
    });
  },
});
