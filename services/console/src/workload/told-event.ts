/** An event as the console tells it. */
import type { RecordedEvent } from '@flyball/contracts';
import { eventSentence } from '@flyball/reading';
import { traceIdOfEvent } from '@flyball/telemetry';
import type { ToldEvent } from '../wire.ts';

/** Without a trace context only decisions, and what is done on them, are told as spans. */
const isTraced = ({ type, traceparent, data }: RecordedEvent): boolean =>
  traceparent !== undefined || type === 'Decided' || 'decisionId' in data;

/** The trace that it is part of; null of what is in none. */
export const tracedIn = (event: RecordedEvent): string | null =>
  isTraced(event) ? traceIdOfEvent(event) : null;

export const toldEvent = (event: RecordedEvent): ToldEvent => ({
  seq: event.seq,
  id: event.id,
  atMs: event.atMs,
  type: event.type,
  workload: event.workload ?? null,
  sentence: eventSentence(event),
  traceId: tracedIn(event),
});
