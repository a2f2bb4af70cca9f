/** Scrapes one partition's pods once a second and tells what they had as one batch. */
import {
  encodeUnchained,
  type FlyballEvent,
  type SamplesReportedData,
  samplesSubject,
  type WorkloadKey,
} from '@flyball/contracts';
import { type PodSecond, type ScrapeTargets, sumOfPods } from '@flyball/domain';
import type { Append } from '@flyball/event-log';
import type { Scraper } from './scraper.ts';

export interface ScrapeRound {
  readonly partition: number;
  /** The whole second that the pods are asked about. */
  readonly secondAtMs: number;
  /** Tells this round from every other one of any process: a clock may be set back. */
  readonly roundId: string;
  /** When the round was sent, by the wall clock. */
  readonly nowMs: () => number;
  readonly scraper: Scraper;
  /** Told of every pod that was asked. */
  readonly onScraped: (answered: boolean) => void;
}

type Asked = readonly [WorkloadKey, Promise<PodSecond | undefined>[]];

const askAll = (targets: ScrapeTargets, round: ScrapeRound): readonly Asked[] => {
  const ask = async (metricsAddress: string): Promise<PodSecond | undefined> => {
    const second = await round.scraper.scrape(metricsAddress);
    round.onScraped(second !== undefined);
    return second;
  };
  return (Object.keys(targets.workloads) as WorkloadKey[]).map((workload) => {
    const pods = Object.values(targets.workloads[workload] ?? {});
    // A pod that starts or drains may be silent without anybody being blind.
    return [workload, pods.filter((pod) => pod.ready).map((pod) => ask(pod.metricsAddress))];
  });
};

/**
 * One round. Undefined when no pod of this partition reports: then there is nothing to cover. A
 * pod's own second may lag by one; what counts is that it is told once per round.
 */
export const scrapePartition = async (
  targets: ScrapeTargets,
  round: ScrapeRound,
): Promise<Append | undefined> => {
  const asked = askAll(targets, round).filter(([, pods]) => pods.length > 0);
  if (asked.length === 0) return undefined;
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
  for (const [workload, answers] of asked) {
    const sum = sumOfPods(await Promise.all(answers));
    if (sum.concurrencyMilli === 0 && sum.requestsMilli === 0 && sum.inFlight === 0) {
      covered.push(workload);
      continue;
    }
    rows.workloads.push(workload);
    rows.concurrencyMilli.push(sum.concurrencyMilli);
    rows.requestsMilli.push(sum.requestsMilli);
    rows.inFlight.push(sum.inFlight);
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
