/** The collector: asks the queue-proxies of its partitions for their counts, once a second. */
import { OutsideError, penFilter } from '@flyball/contracts';
import { type ScrapeTargets, scrapeTargetsProjection } from '@flyball/domain';
import type { Append, EventLog } from '@flyball/event-log';
import {
  connectBus,
  defineService,
  followProjection,
  type Life,
  type Ownership,
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
  readonly scrapes: Counter<'result'>;
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

/** The whole second that had ended, by all clocks that agree within the offset, at `nowMs`. */
const endedSecond = (nowMs: number): number => {
  const settledMs = nowMs - scrapeOffsetMs;
  return settledMs - (settledMs % secondMs) - secondMs;
};

const tell = async ({ log, life }: Parts, batch: Append): Promise<void> => {
  try {
    await log.samples.append(batch);
  } catch (error) {
    if (!(error instanceof OutsideError) || !error.retriable) throw error;
    life.logger.warn({ err: error, id: batch.id }, 'a second could not be told');
  }
};

/** One round a second until the signal aborts; one that ends during a long round is left out. */
const scrapeRounds = async (
  parts: Parts,
  partition: number,
  targets: () => ScrapeTargets | undefined,
  { signal, ownership }: Tenure,
): Promise<void> => {
  const { life, scraper, scrapes } = parts;
  const nowMs = () => life.clock.nowMs();
  for (let round = 1; !signal.aborted; round += 1) {
    // One more, because a timer may ring a little early: that would be the second before.
    const nextMs = endedSecond(nowMs()) + 2 * secondMs + scrapeOffsetMs + 1;
    await sleep(life.clock, nextMs - nowMs(), signal);
    const known = targets();
    if (signal.aborted || known === undefined) continue;
    const batch = await scrapePartition(known, {
      partition,
      secondAtMs: endedSecond(nowMs()),
      roundId: `${life.incarnation}-${round}`,
      nowMs,
      scraper,
      onScraped: (answered) => scrapes.inc({ result: answered ? 'answered' : 'silent' }),
    });
    // One that was frozen meanwhile must not tell over what its heir told of the same second.
    if (batch !== undefined && !signal.aborted && ownership.isHeld()) await tell(parts, batch);
  }
};

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
    scrapeRounds(parts, partition, () => targets, tenure),
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
    const parts: Parts = { log, life, scraper, scrapes };
    await ownPartitions({
      log,
      stage: 'collector',
      life,
      run: (partition, signal, ownership) =>
        collectPartition(parts, partition, { signal, ownership }),
    });
  },
});
