/** Which events are told in a trace, and in which. */
import type { AnyEvent } from '@flyball/contracts';
import { traceIdOfEvent } from '@flyball/telemetry';

/** Without a trace context only decisions, and what is done on them, are told as spans. */
const isTraced = ({ type, traceparent, data }: AnyEvent): boolean =>
  traceparent !== undefined || type === 'Decided' || 'decisionId' in data;

/** The id of the trace: 32 hex digits; undefined for an event that is in none. */
export const traceIdIn = (event: AnyEvent): string | undefined =>
  isTraced(event) ? traceIdOfEvent(event) : undefined;
