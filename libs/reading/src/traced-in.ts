/** Which events are told in a trace, and in which. */
import type { AnyEvent } from '@flyball/contracts';
import { traceIdOfEvent } from '@flyball/telemetry';

/** Without a trace context only decisions, and what is done on them, are told as spans. */
const isTraced = ({ type, traceparent, data }: AnyEvent): boolean =>
  traceparent !== undefined || type === 'Decided' || 'decisionId' in data;

/** The id of the trace that it is part of: 32 hex digits; null of what is in none. */
export const tracedIn = (event: AnyEvent): string | null =>
  isTraced(event) ? traceIdOfEvent(event) : null;
