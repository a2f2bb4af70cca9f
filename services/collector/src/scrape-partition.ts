/** Asks for the load of one partition's workloads once a second and tells it as one batch. */
import {
  encodeUnchained,
  type FlyballEvent,
  type SamplesReportedData,
  samplesSubject,
  type WorkloadKey,
} from '@flyball/contracts';
import type { ActivatorLoads, ScrapeTargets, WorkloadSecond } from '@flyball/domain';
import type { Append } from '@flyball/event-log';
import { type Scrapers, scrapeWorkload } from './scrape-workload.ts';

export interface ScrapeRound {
  readonly partition: number;
  /** The whole second that the pods are asked about. */
  readonly secondAtMs: number;
  /** Tells this round from every other one of any process: a clock may be set back. */
  readonly roundId: string;
  /** When the round was sent, by the wall clock. */
  readonly nowMs: () => number;
  readonly scrapers: Scrapers;
  /** What the activators told of the partition's workloads. */
  readonly activators: ActivatorLoads;
}

type Told = readonly [WorkloadKey, WorkloadSecond];

const askAll = async (targets: ScrapeTargets, round: ScrapeRound): Promise<readonly Told[]> => {
  const { scrapers, secondAtMs, activators } = round;
  const asked = Object.entries(targets.workloads).map(async ([key, target]) => {
    const workload = key as WorkloadKey;
    const second = await scrapeWorkload(scrapers, workload, target, { secondAtMs, activators });
    return second === undefined ? undefined : ([workload, second] as const);
  });
  return (await Promise.all(asked)).filter((told) => told !== undefined);
};

/**
 * One round. Undefined when nobody of this partition reports: then there is nothing to cover. A
 * pod's own second may lag by one; what counts is that it is told once per round.
 */
export const scrapePartition = async (
  targets: ScrapeTargets,
  round: ScrapeRound,
): Promise<Append | undefined> => {
  const told = await askAll(targets, round);
  if (told.length === 0) return undefined;
  const source = `scrape-${round.partition}`;
  const rows: SamplesReportedData['rows'] = {
    workloads: [],
    concurrencyMilli: [],
    requestsMilli: [],
    inFlight: [],
    traceparents: [],
  };
  const { partition, secondAtMs, roundId } = round;
  const covered: WorkloadKey[] = [];
  for (const [workload, second] of told) {
    if (second.concurrencyMilli === 0 && second.requestsMilli === 0 && second.inFlight === 0) {
      covered.push(workload);
      continue;
    }
    rows.workloads.push(workload);
    rows.concurrencyMilli.push(second.concurrencyMilli);
    rows.requestsMilli.push(second.requestsMilli);
    rows.inFlight.push(second.inFlight);
    rows.traceparents.push(null);
  }
  const event: FlyballEvent<'SamplesReported'> = {
    id: `${source}:${partition}:${secondAtMs}:${roundId}`,
    type: 'SamplesReported',
    pen: 'samples',
    partition,
    source: '/flyball/collector',
    atMs: round.nowMs(),
    data: { source, secondAtMs, partial: false, rows, covered },
  };
  return { subject: samplesSubject(partition), id: event.id, body: encodeUnchained(event) };
};
