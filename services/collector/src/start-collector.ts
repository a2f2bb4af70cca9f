/** The collector's work over the partitions that it owns. */
import { pensFilter } from '@flyball/contracts';
import { type ActivatorLoads, type ScrapeTargets, scrapeTargetsProjection } from '@flyball/domain';
import type { EventLog } from '@flyball/event-log';
import {
  followProjection,
  type Life,
  ownPartitions,
  registerReading,
  type Tenure,
} from '@flyball/service';
import { followActivators } from './follow-activators.ts';
import { createCollectorMetrics } from './metrics.ts';
import { openScrapers, type ScraperSettings } from './open-scrapers.ts';
import { createScrapeRounds, type ScrapeRounds } from './scrape-rounds.ts';

export interface CollectorParts extends ScraperSettings {
  readonly log: EventLog;
  readonly life: Life;
}

interface Parts {
  readonly log: EventLog;
  readonly life: Life;
  readonly scrapeRounds: ScrapeRounds;
}

/** Follows the pods of a partition, and where its load is read, into `targets`. */
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
      // Ticks and progress are most of the log at rest, and say nothing of pods or policies.
      filter: pensFilter(partition),
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
  const { promise: wanted, resolve: want } = Promise.withResolvers<void>();
  const setTargets = (known: ScrapeTargets): void => {
    targets = known;
    if (Object.values(known.workloads).some(({ source }) => source !== undefined)) want();
  };
  // When one of them fails the others must end with it: the partition is begun again as a whole.
  const failed = new AbortController();
  const tenure = { signal: AbortSignal.any([signal, failed.signal]), ownership };
  const activators: ActivatorLoads = new Map();
  const loops = [
    followTargets(parts, partition, setTargets, tenure),
    followActivators({ log: parts.log, partition, wanted, loads: activators }, tenure.signal),
    parts.scrapeRounds(partition, { targets: () => targets, activators }, tenure),
  ];
  try {
    await Promise.all(loops);
  } finally {
    failed.abort();
    await Promise.allSettled(loops);
  }
};

/** Asks until the life ends; returns when the partitions are being owned. */
export const startCollector = async (given: CollectorParts): Promise<void> => {
  const { log, life } = given;
  const metrics = createCollectorMetrics(life.metrics);
  registerReading(life);
  const scrapers = openScrapers(given, life, metrics);
  const scrapeRounds = createScrapeRounds({ log, life, scrapers, metrics });
  const parts: Parts = { log, life, scrapeRounds };
  await ownPartitions({
    log,
    stage: 'collector',
    life,
    run: (partition, signal, ownership) =>
      collectPartition(parts, partition, { signal, ownership }),
  });
};
