/** What the loop of a stage counts; one set per service, labelled by partition where it helps. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { createDeadLetterCounter } from './dead-letter-counter.ts';
import { createQueueMetrics, type QueueMetrics } from './queue-metrics.ts';
import { createReadingMetrics, type ReadingMetrics } from './reading-metrics.ts';

/** From a tenth of a millisecond to ten seconds. */
export const secondsBuckets = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

export interface StageMetrics {
  readonly inputs: Counter<'partition'>;
  readonly outputs: Counter<'pen' | 'result'>;
  readonly inputSeconds: Histogram;
  readonly appendSeconds: Histogram<'pen'>;
  readonly reading: ReadingMetrics;
  readonly queues: QueueMetrics;
  readonly recoveries: Counter<'reason'>;
  readonly recoverySeconds: Histogram;
  readonly divergences: Counter;
  readonly deadLetters: Counter<'code'>;
  readonly readerResumes: Counter;
  readonly retries: Counter<'code'>;
  readonly snapshotSeconds: Histogram;
  readonly snapshotBytes: Gauge<'partition'>;
}

const counters = (prefix: string, registers: Registry[]) => ({
  inputs: new Counter({
    name: `${prefix}_inputs_total`,
    help: 'Messages folded.',
    labelNames: ['partition'] as const,
    registers,
  }),
  outputs: new Counter({
    name: `${prefix}_outputs_total`,
    help: 'Appends by pen and result: stored, duplicate or fenced.',
    labelNames: ['pen', 'result'] as const,
    registers,
  }),
  recoveries: new Counter({
    name: `${prefix}_recoveries_total`,
    help: 'States recovered from snapshot and log, by reason.',
    labelNames: ['reason'] as const,
    registers,
  }),
  divergences: new Counter({
    name: `${prefix}_divergences_total`,
    help: 'Recorded outputs that this code would not make, or the other way round.',
    registers,
  }),
  readerResumes: new Counter({
    name: `${prefix}_reader_resumes_total`,
    help: 'Readers recreated after a reconnect or missed heartbeats.',
    registers,
  }),
  retries: new Counter({
    name: `${prefix}_retries_total`,
    help: 'Calls to the outside that failed and were retried, by error code.',
    labelNames: ['code'] as const,
    registers,
  }),
});

/** The metrics of one stage: `flyball_<stage>_…`. */
export const createStageMetrics = (stage: string, registry: Registry): StageMetrics => {
  const prefix = `flyball_${stage}`;
  const registers = [registry];
  const seconds = (name: string, help: string) =>
    new Histogram({ name: `${prefix}_${name}`, help, buckets: secondsBuckets, registers });
  return {
    ...counters(prefix, registers),
    inputSeconds: seconds('input_seconds', 'Time to fold and decide one message.'),
    recoverySeconds: seconds('recovery_seconds', 'Time from taking a partition to live.'),
    snapshotSeconds: seconds('snapshot_seconds', 'Time to write a snapshot.'),
    appendSeconds: new Histogram({
      name: `${prefix}_append_seconds`,
      help: 'Time of one append until its outcome was known, by pen.',
      labelNames: ['pen'] as const,
      buckets: secondsBuckets,
      registers,
    }),
    deadLetters: createDeadLetterCounter(prefix, registry),
    reading: createReadingMetrics(prefix, registry),
    queues: createQueueMetrics(prefix, registry),
    snapshotBytes: new Gauge({
      name: `${prefix}_snapshot_bytes`,
      help: 'Size of the last snapshot.',
      labelNames: ['partition'] as const,
      registers,
    }),
  };
};
