/** An activator calls for a workload whose requests wait too long: below the first of them. */
import { type FlyballEvent, streams } from '@flyball/contracts';
import type { FinishedSpan } from '../finished-span.ts';
import { attributeNames } from '../phases.ts';
import { contextOf } from '../trace-ids.ts';
import { attributesOf, type Doing, timesOf } from './told.ts';

export interface WakeStory extends Doing {
  readonly event: FlyballEvent<'WakeRequested'>;
  /** The sequence that the stream gave it; null when that is not known. */
  readonly seq: number | null;
}

/** What the actuator then does by itself lies below this span. It is none of the phases. */
export const wakeSpan = ({ event, seq, ...doing }: WakeStory): FinishedSpan => ({
  ...contextOf(event),
  name: 'wake',
  kind: 'producer',
  ...timesOf(doing),
  attributes: attributesOf({
    'messaging.system': 'nats',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    [attributeNames.workload]: event.workload,
    [attributeNames.eventId]: event.id,
    [attributeNames.waited]: event.data.waiting,
    [attributeNames.partition]: event.partition,
    [attributeNames.stream]: streams.events,
    [attributeNames.sequence]: seq,
  }),
  links: [],
  error: null,
});
