/** The rounds of one process: one a second for each partition that it owns. */
import { OutsideError } from '@flyball/contracts';
import { type ActivatorLoads, forgetSilent, type ScrapeTargets } from '@flyball/domain';
import type { Append, EventLog } from '@flyball/event-log';
import { type Life, sleep, type Tenure } from '@flyball/service';
import type { CollectorMetrics } from './metrics.ts';
import { scrapePartition } from './scrape-partition.ts';
import type { Scrapers } from './scrape-workload.ts';

const secondMs = 1_000;
/** The pods' own second must have ended, also where their clocks are a little behind. */
const scrapeOffsetMs = 25;

export interface RoundParts {
  readonly log: Pick<EventLog, 'samples'>;
  readonly life: Pick<Life, 'clock' | 'incarnation'> & {
    readonly logger: Pick<Life['logger'], 'warn'>;
  };
  readonly scrapers: Scrapers;
  readonly metrics: Pick<CollectorMetrics, 'roundSeconds' | 'appendSeconds'>;
}

/** What a round needs to know of its partition. */
export interface KnownPartition {
  /** Undefined until they are known. */
  readonly targets: () => ScrapeTargets | undefined;
  readonly activators: ActivatorLoads;
}

/** One round a second until the signal aborts; one that ends during a long round is left out. */
export type ScrapeRounds = (
  partition: number,
  known: KnownPartition,
  tenure: Tenure,
) => Promise<void>;

/** The whole second that had ended, by all clocks that agree within the offset, at `nowMs`. */
const endedSecond = (nowMs: number): number => {
  const settledMs = nowMs - scrapeOffsetMs;
  return settledMs - (settledMs % secondMs) - secondMs;
};

const tell = async ({ log, life, metrics }: RoundParts, batch: Append): Promise<void> => {
  const startedMs = life.clock.monotonicMs();
  try {
    await log.samples.append(batch);
    const tookMs = life.clock.monotonicMs() - startedMs;
    metrics.appendSeconds.observe({ stream: log.samples.name }, tookMs / 1_000);
  } catch (error) {
    if (!(error instanceof OutsideError) || !error.retriable) throw error;
    life.logger.warn({ err: error, id: batch.id }, 'a second could not be told');
  }
};

/** To be made once a process: it counts the rounds of all tenures. */
export const createScrapeRounds = (parts: RoundParts): ScrapeRounds => {
  const { life, scrapers } = parts;
  const nowMs = () => life.clock.nowMs();
  let rounds = 0;
  return async (partition, { targets, activators }, { signal, ownership }) => {
    while (!signal.aborted) {
      // One more, because a timer may ring a little early: that would be the second before.
      const nextMs = endedSecond(nowMs()) + 2 * secondMs + scrapeOffsetMs + 1;
      await sleep(life.clock, nextMs - nowMs(), signal);
      const known = targets();
      if (signal.aborted || known === undefined) continue;
      rounds += 1;
      const secondAtMs = endedSecond(nowMs());
      forgetSilent(activators, secondAtMs);
      const roundId = `${life.incarnation}-${rounds}`;
      const round = { partition, secondAtMs, roundId, nowMs, scrapers, activators };
      const startedMs = life.clock.monotonicMs();
      const batch = await scrapePartition(known, round);
      parts.metrics.roundSeconds.observe((life.clock.monotonicMs() - startedMs) / 1_000);
      // One that was frozen meanwhile must not tell over what its heir told of the same second.
      if (batch !== undefined && !signal.aborted && ownership.isHeld()) await tell(parts, batch);
    }
  };
};
