/** The windower states the averages of rows that were poked: told to each of their requests. */
import { type FlyballEvent, partitionSubject, streams } from '@flyball/contracts';
import type { FinishedSpan } from '../finished-span.ts';
import { attributeNames } from '../phases.ts';
import { rowSpans } from './row-spans.ts';
import { type Doing, messageAttributes, type Stored } from './told.ts';

export interface TickStory extends Doing, Stored {
  readonly event: FlyballEvent<'TickObserved'>;
}

/** Until TickObserved is stored; one span for each traced row. */
export const tickSpans = ({ event, seq, startMs, endMs }: TickStory): FinishedSpan[] =>
  rowSpans({
    startMs,
    endMs,
    rows: event.data.rows,
    spanIdFor: (workload) => `${event.id}:${workload}`,
    name: 'send flyball.events.{partition}.ticks',
    kind: 'producer',
    phase: 'tick',
    attributes: {
      ...messageAttributes({
        operation: 'send',
        subject: partitionSubject(event.partition, 'ticks'),
        template: 'flyball.events.{partition}.ticks',
        partition: event.partition,
        stream: streams.events,
        messageId: event.id,
        seq,
      }),
      [attributeNames.eventId]: event.id,
    },
  });
