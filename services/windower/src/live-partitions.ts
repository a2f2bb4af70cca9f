/** Tells Prometheus of the partitions that are live in this process: ticks, loads, clocks. */
import type { WorkloadKey } from '@flyball/contracts';
import { inFlightOf, type WindowedWorkload, type WindowerState } from '@flyball/domain';
import { registerWorkloadGauges, type WorkloadGauge } from '@flyball/service';
import { Gauge, type Registry } from 'prom-client';

export interface LivePartition {
  readonly partition: number;
  readonly state: () => WindowerState;
  /** False as soon as the lease is over, or the state is discarded. */
  readonly isCurrent: () => boolean;
}

export interface LivePartitions {
  /** Tells of it until what this returns is called. */
  begin(live: LivePartition): () => void;
}

export interface LivePartitionsOptions {
  readonly registry: Registry;
  /** By the clock that ticks follow. */
  readonly nowMs: () => number;
  readonly workloadMetricsMax: number;
}

const secondMs = 1_000;

const gaugesAt = (nowMs: () => number): readonly WorkloadGauge<WindowedWorkload>[] => [
  {
    name: 'flyball_workload_in_flight_requests',
    help: 'Requests in flight, held ones included, by the newest report of every source.',
    value: (workload) => inFlightOf(workload, nowMs()),
  },
  {
    name: 'flyball_workload_data_age_seconds',
    help: 'Time since the end of the newest second that any source covered.',
    value: ({ coveredSecond }) =>
      coveredSecond < 0 ? null : Math.max(0, nowMs() / secondMs - (coveredSecond + 1)),
  },
];

/** Registers the gauges; they cost nothing until they are read. */
export const createLivePartitions = (options: LivePartitionsOptions): LivePartitions => {
  const { registry, nowMs, workloadMetricsMax: max } = options;
  const all = new Set<LivePartition>();
  const current = (): readonly LivePartition[] => [...all].filter(({ isCurrent }) => isCurrent());
  const tickAge: Gauge<'partition'> = new Gauge({
    name: 'flyball_windower_tick_age_seconds',
    help: 'How long ago the last tick that was begun was due; ticks fall every 2 s.',
    labelNames: ['partition'],
    registers: [registry],
    collect: () => {
      tickAge.reset();
      for (const { partition, state } of current()) {
        const { tickDueAtMs } = state();
        if (tickDueAtMs < 0) continue;
        tickAge.set({ partition }, Math.max(0, nowMs() - tickDueAtMs) / secondMs);
      }
    },
  });
  const refusedSkew: Gauge<'source'> = new Gauge({
    name: 'flyball_windower_refused_skew_seconds',
    help: 'How far ahead the clock of a source is, if its samples are refused.',
    labelNames: ['source'],
    registers: [registry],
    collect: () => {
      refusedSkew.reset();
      for (const { state } of current()) {
        for (const [source, { aheadMs }] of state().refusedSkew) {
          refusedSkew.set({ source }, aheadMs / secondMs);
        }
      }
    },
  });
  const rows = function* (): Iterable<readonly [WorkloadKey, WindowedWorkload]> {
    for (const { state } of current()) {
      for (const workload of state().workloads.values()) {
        if (workload.policy !== undefined) yield [workload.key, workload];
      }
    }
  };
  const gauges = gaugesAt(nowMs);
  registerWorkloadGauges({ registry, prefix: 'flyball_windower', max, rows, gauges });
  return {
    begin: (live) => {
      all.add(live);
      return () => void all.delete(live);
    },
  };
};
