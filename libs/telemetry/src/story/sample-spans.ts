/** The activator sends a batch of samples: told to each held request whose row is in it. */
import { type FlyballEvent, samplesSubject, streams } from '@flyball/contracts';
import type { FinishedSpan } from '../finished-span.ts';
import { rowSpans } from './row-spans.ts';
import { type Doing, messageAttributes } from './told.ts';

export interface SampleStory extends Doing {
  readonly batch: FlyballEvent<'SamplesReported'>;
  /** The sequence that the stream gave it; null when that is not known. */
  readonly seq: number | null;
}

/** From the moment that a batch is sent until it is stored; one span for each traced row. */
export const sampleSpans = ({ batch, seq, startMs, endMs }: SampleStory): FinishedSpan[] =>
  rowSpans({
    startMs,
    endMs,
    rows: batch.data.rows,
    spanIdFor: (workload) => `${batch.id}:${workload}:sample`,
    name: 'send flyball.samples.{partition}',
    kind: 'producer',
    phase: 'sample',
    attributes: messageAttributes({
      operation: 'send',
      subject: samplesSubject(batch.partition),
      template: 'flyball.samples.{partition}',
      partition: batch.partition,
      stream: streams.samples,
      messageId: batch.id,
      seq,
    }),
  });
