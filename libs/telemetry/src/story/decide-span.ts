/** The decider decides: from the message that it took until its answer was stored. */
import { type FlyballEvent, streams } from '@flyball/contracts';
import type { FinishedSpan, SpanContext } from '../finished-span.ts';
import { attributeNames } from '../phases.ts';
import { contextOf } from '../trace-ids.ts';
import { attributesOf, type Doing, type Stored, timesOf } from './told.ts';

export interface DecideStory extends Doing, Stored {
  readonly event: FlyballEvent<'Decided'>;
  /** A request that waits, when the decision is not of its trace. */
  readonly waiting?: SpanContext;
}

/** One decision; without a trace context it begins its own trace, and links to who waits. */
export const decideSpan = ({ event, seq, waiting, ...doing }: DecideStory): FinishedSpan => {
  const context = contextOf(event);
  const isOther = waiting !== undefined && waiting.traceId !== context.traceId;
  return {
    ...context,
    name: 'decide',
    kind: 'internal',
    ...timesOf(doing),
    attributes: attributesOf({
      [attributeNames.phase]: 'decide',
      [attributeNames.workload]: event.workload,
      [attributeNames.eventId]: event.id,
      [attributeNames.from]: event.data.from,
      [attributeNames.to]: event.data.to,
      [attributeNames.mode]: event.data.mode,
      [attributeNames.routing]: event.data.routing,
      [attributeNames.reason]: event.data.reason,
      [attributeNames.partition]: event.partition,
      [attributeNames.stream]: streams.events,
      [attributeNames.sequence]: seq,
    }),
    links: isOther
      ? [
          {
            traceId: waiting.traceId,
            spanId: waiting.spanId,
            attributes: { [attributeNames.link]: 'waits' },
          },
        ]
      : [],
    error: null,
  };
};
