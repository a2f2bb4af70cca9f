/** The windower folds a batch of samples: told to each held request whose row is in it. */
import { type FlyballEvent, samplesSubject, streams } from '@flyball/contracts';
import type { FinishedSpan } from '../finished-span.ts';
import { rowSpans } from './row-spans.ts';
import { type Doing, messageAttributes, type Stored } from './told.ts';

export interface FoldStory extends Doing, Stored {
  readonly batch: FlyballEvent<'SamplesReported'>;
}

/** From the moment that a batch is taken until it is folded; one span for each traced row. */
export const foldSpans = ({ batch, seq, startMs, endMs }: FoldStory): FinishedSpan[] =>
  rowSpans({
    startMs,
    endMs,
    rows: batch.data.rows,
    spanIdFor: (workload) => `${batch.id}:${workload}`,
    name: 'process flyball.samples.{partition}',
    kind: 'consumer',
    phase: 'fold',
    attributes: messageAttributes({
      operation: 'process',
      subject: samplesSubject(batch.partition),
      template: 'flyball.samples.{partition}',
      partition: batch.partition,
      stream: streams.samples,
      messageId: batch.id,
      seq,
    }),
  });
