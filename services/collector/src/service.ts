/** The collector: asks the queue-proxies of its partitions for their counts, once a second. */
import { penFilter } from '@flyball/contracts';
import { type ScrapeTargets, scrapeTargetsProjection } from '@flyball/domain';
import type { EventLog } from '@flyball/event-log';
import {
  connectBus,
  defineService,
  followProjection,
  type Life,
  type Ownership,
  ownPartitions,
} from '@flyball/service';
import { Counter } from 'prom-client';
import type { z } from 'zod';
import { collectorConfig } from './config.ts';
import { createScrapeRounds, type ScrapeRounds } from './scrape-rounds.ts';
import { createScraper } from './scraper.ts';

interface Parts {
  readonly log: EventLog;
  readonly life: Life;
  readonly scrapeRounds: ScrapeRounds;
}

interface Tenure {
  readonly signal: AbortSignal;
  readonly ownership: Ownership;
}

/** Follows the pods of a partition into `targets`. */
const followTargets = (
  { log, life }: Parts,
  partition: number,
  setTargets: (targets: ScrapeTargets) => void,
  { signal, ownership }: Tenure,
): Promise<void> =>
  followProjection(
    {
      log,
      life,
      // Ticks and progress are most of the log at rest, and say nothing of pods.
      filter: penFilter(partition, 'platform'),
      partitionCount: ownership.partitionCount,
      snapshotKey: { stage: 'collector', partition },
      projection: scrapeTargetsProjection,
      onCaughtUp: setTargets,
      onChanged: setTargets,
    },
    signal,
  );

const collectPartition = async (
  parts: Parts,
  partition: number,
  { signal, ownership }: Tenure,
): Promise<void> => {
  let targets: ScrapeTargets | undefined;
  const setTargets = (known: ScrapeTargets): void => {
    targets = known;
  };
  // When one of the two fails the other must end with it: the partition is begun again as a whole.
  const failed = new AbortController();
  const tenure = { signal: AbortSignal.any([signal, failed.signal]), ownership };
  const loops = [
    followTargets(parts, partition, setTargets, tenure),
    parts.scrapeRounds(partition, () => targets, tenure),
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
    const scraper = createScraper({
      timeoutMs: config.scrapeTimeoutMs,
      atOnceMax: config.scrapesAtOnceMax,
    });
    life.onClose('scraper', scraper.close);
    const scrapes = new Counter({
      name: 'flyball_collector_scrapes_total',
      help: 'Pods asked for their counts, by whether they answered in time.',
      labelNames: ['result'] as const,
      registers: [life.metrics],
    });
    const onScraped = (answered: boolean): void =>
      scrapes.inc({ result: answered ? 'answered' : 'silent' });
    const scrapeRounds = createScrapeRounds({ log, life, scraper, onScraped });
    const parts: Parts = { log, life, scrapeRounds };
    await ownPartitions({
      log,
      stage: 'collector',
      life,
      run: (partition, signal, ownership) =>
        collectPartition(parts, partition, { signal, ownership }),
    });
  },
});
