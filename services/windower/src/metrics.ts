/** What the windower counts beside what every stage counts. */
import { createStageMetrics, type StageMetrics, secondsBuckets } from '@flyball/service';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface WindowerMetrics extends StageMetrics {
  readonly batches: Counter<'partition'>;
  readonly tickSeconds: Histogram;
  readonly tickLateSeconds: Histogram;
  readonly storeSeconds: Histogram<'call'>;
  readonly storeFailures: Counter<'code'>;
  readonly mirrorDifferences: Gauge<'partition'>;
  readonly refusedSkewSeconds: Gauge<'source'>;
  readonly clockAheadSeconds: Gauge;
}

export const createWindowerMetrics = (registry: Registry): WindowerMetrics => {
  const registers = [registry];
  const prefix = 'flyball_windower';
  const histogram = (name: string, help: string) =>
    new Histogram({ name: `${prefix}_${name}`, help, buckets: secondsBuckets, registers });
  return {
    ...createStageMetrics('windower', registry),
    tickSeconds: histogram('tick_seconds', 'From a tick to its last part being stored.'),
    tickLateSeconds: histogram('tick_late_seconds', 'How late a tick began after its time.'),
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
    refusedSkewSeconds: new Gauge({
      name: `${prefix}_refused_skew_seconds`,
      help: 'How far ahead the clock of a source is whose samples are refused.',
      labelNames: ['source'] as const,
      registers,
    }),
    clockAheadSeconds: new Gauge({
      name: `${prefix}_clock_ahead_seconds`,
      help: 'How far ahead of the log its clock is, when ticks follow the log; 0 is right.',
      registers,
    }),
  };
};
