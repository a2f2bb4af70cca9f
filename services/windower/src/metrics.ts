/** What the windower counts beside what every stage counts. */
import {
  createStageMetrics,
  type StageMetrics,
  secondsBuckets,
  systemClock,
  workloadMetricsMaxDefault,
} from '@flyball/service';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { createLivePartitions, type LivePartitions } from './live-partitions.ts';

export interface WindowerMetrics extends StageMetrics {
  readonly batches: Counter<'partition'>;
  readonly tickSeconds: Histogram;
  readonly tickLagSeconds: Histogram;
  readonly storeSeconds: Histogram<'call'>;
  readonly storeFailures: Counter<'code'>;
  readonly mirrorDifferences: Gauge<'partition'>;
  readonly clockAheadSeconds: Gauge;
  readonly live: LivePartitions;
}

export interface WindowerMetricsOptions {
  readonly nowMs: () => number;
  /** Workloads that are told one by one. */
  readonly workloadMetricsMax: number;
}

const usual: WindowerMetricsOptions = {
  nowMs: () => systemClock.nowMs(),
  workloadMetricsMax: workloadMetricsMaxDefault,
};

export const createWindowerMetrics = (
  registry: Registry,
  options: WindowerMetricsOptions = usual,
): WindowerMetrics => {
  const registers = [registry];
  const prefix = 'flyball_windower';
  const histogram = (name: string, help: string) =>
    new Histogram({ name: `${prefix}_${name}`, help, buckets: secondsBuckets, registers });
  return {
    ...createStageMetrics('windower', registry),
    live: createLivePartitions({ registry, ...options }),
    tickSeconds: histogram('tick_seconds', 'From a tick to its last part being stored.'),
    tickLagSeconds: histogram('tick_lag_seconds', 'How late a tick began after its time.'),
    batches: new Counter({
      name: `${prefix}_batches_total`,
      help: 'Batches of samples folded.',
      labelNames: ['partition'] as const,
      registers,
    }),
    storeSeconds: new Histogram({
      name: `${prefix}_store_seconds`,
      help: 'Time of a call to Redis.',
      labelNames: ['call'] as const,
      buckets: secondsBuckets,
      registers,
    }),
    storeFailures: new Counter({
      name: `${prefix}_store_failures_total`,
      help: 'Calls to Redis that failed, by error code; nothing is lost by them.',
      labelNames: ['code'] as const,
      registers,
    }),
    mirrorDifferences: new Gauge({
      name: `${prefix}_mirror_differences`,
      help: 'Values in which Redis and memory differed at the last comparison; 0 is right.',
      labelNames: ['partition'] as const,
      registers,
    }),
    clockAheadSeconds: new Gauge({
      name: `${prefix}_clock_ahead_seconds`,
      help: 'How far ahead of the log its clock is, when ticks follow the log; 0 is right.',
      registers,
    }),
  };
};
