/** A second activator, played by the bench: publishes samples of workloads as one would. */

import { natsLoginOf } from '@flyball/cli';
import {
  encodeUnchained,
  type FlyballEvent,
  partitionOf,
  type SamplesReportedData,
  samplesSubject,
  type WorkloadKey,
} from '@flyball/contracts';
import { connectEventLog, type EventLog, readPartitionCount } from '@flyball/event-log';
import type { Bed } from './bed.ts';

const secondMs = 1_000;
const milli = 1_000;
const source = 'activator-bench';

export interface SampleSource {
  /** Publishes one request in flight at once; resolves with the moment before, UTC ms, whole. */
  poke(workload: WorkloadKey): Promise<number>;
  /** One whole second of these workloads (the last one), in one batch for each partition. */
  tellSecond(
    workloads: readonly WorkloadKey[],
    concurrencyMilli: (workload: WorkloadKey) => number,
    secondAtMs?: number,
  ): Promise<void>;
  close(): Promise<void>;
}

type Rows = SamplesReportedData['rows'];

const rowsOf = (
  workloads: readonly WorkloadKey[],
  concurrency: (workload: WorkloadKey) => number,
): Rows => {
  const concurrencyMilli = workloads.map((workload) => concurrency(workload));
  return {
    workloads: [...workloads],
    concurrencyMilli,
    requestsMilli: workloads.map(() => milli),
    inFlight: concurrencyMilli.map((value) => Math.ceil(value / milli)),
    traceparents: workloads.map(() => null),
  };
};

const publish = async (
  log: EventLog,
  partition: number,
  id: string,
  told: Pick<SamplesReportedData, 'partial' | 'rows'> & { readonly atMs: number },
): Promise<void> => {
  const { atMs, partial, rows } = told;
  const event: FlyballEvent<'SamplesReported'> = {
    id,
    type: 'SamplesReported',
    pen: 'samples',
    partition,
    source: '/flyball/activator/bench',
    atMs,
    data: { source, secondAtMs: atMs - (atMs % secondMs), partial, rows, covered: [] },
  };
  await log.samples.append({
    subject: samplesSubject(partition),
    id,
    body: encodeUnchained(event),
  });
};

/** Connects as an activator does, with what an activator may write. */
export const openSampleSource = async ({ machine }: Bed): Promise<SampleSource> => {
  const { run, secrets } = machine;
  const login = natsLoginOf('activator', secrets, run.givenNatsLogin);
  const log = await connectEventLog({ servers: run.natsUrl, ...login, name: 'flyball-bench' });
  const partitionCount = await readPartitionCount(log);
  let count = 0;
  const idOf = (partition: number): string => {
    count += 1;
    return `${source}:${partition}:${count}`;
  };
  return {
    poke: async (workload) => {
      const partition = partitionOf(workload, partitionCount);
      const rows = rowsOf([workload], () => milli);
      const atMs = Date.now();
      await publish(log, partition, idOf(partition), { atMs, partial: true, rows });
      return atMs;
    },
    tellSecond: async (workloads, concurrencyMilli, atMs = Date.now() - secondMs) => {
      const parts = Map.groupBy(workloads, (workload) => partitionOf(workload, partitionCount));
      await Promise.all(
        [...parts].map(([partition, own]) => {
          const rows = rowsOf(own, concurrencyMilli);
          return publish(log, partition, idOf(partition), { atMs, partial: false, rows });
        }),
      );
    },
    close: () => log.close(),
  };
};
