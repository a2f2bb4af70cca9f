/** An event as the console tells it. */
import type { RecordedEvent } from '@flyball/contracts';
import { eventSentence, tracedIn } from '@flyball/reading';
import type { ToldEvent } from '../wire.ts';

export const toldEvent = (event: RecordedEvent): ToldEvent => ({
  seq: event.seq,
  id: event.id,
  atMs: event.atMs,
  type: event.type,
  workload: event.workload ?? null,
  sentence: eventSentence(event),
  traceId: tracedIn(event),
});
