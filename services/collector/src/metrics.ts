/** What the collector tells Prometheus. */
import { createQueueMetrics, type QueueMetrics, secondsBuckets } from '@flyball/service';
import { Counter, Histogram, type Registry } from 'prom-client';

export interface CollectorMetrics {
  readonly scrapes: Counter<'result'>;
  readonly sources: Counter<'result'>;
  readonly roundSeconds: Histogram;
  readonly appendSeconds: Histogram<'stream'>;
  readonly queues: QueueMetrics;
}

export const createCollectorMetrics = (registry: Registry): CollectorMetrics => {
  const registers = [registry];
  return {
    scrapes: new Counter({
      name: 'flyball_collector_scrapes_total',
      help: 'Pods scraped for their counts, by whether they answered in time.',
      labelNames: ['result'] as const,
      registers,
    }),
    sources: new Counter({
      name: 'flyball_collector_sources_total',
      help: 'Workloads whose own pages were scraped, by whether these had their load.',
      labelNames: ['result'] as const,
      registers,
    }),
    roundSeconds: new Histogram({
      name: 'flyball_collector_round_seconds',
      help: 'Time to scrape the load of one second of a partition; above 1, seconds are left out.',
      buckets: secondsBuckets,
      registers,
    }),
    appendSeconds: new Histogram({
      name: 'flyball_collector_append_seconds',
      help: 'Time of one append until its outcome was known, by stream.',
      labelNames: ['stream'] as const,
      buckets: secondsBuckets,
      registers,
    }),
    queues: createQueueMetrics('flyball_collector', registry),
  };
};
