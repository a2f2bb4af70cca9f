/** How events and spans find each other: span and trace ids follow from the ids of events. */
import { hash } from 'node:crypto';
import type { AnyEvent } from '@flyball/contracts';
import type { SpanContext } from './finished-span.ts';

/** A place in a trace, with what lies above it. */
export interface EventContext extends SpanContext {
  /** Null: it is the first of its trace. */
  readonly parentSpanId: string | null;
}

/** What of an event says where it stands in a trace. */
export type TracedEvent = Pick<AnyEvent, 'id' | 'traceparent' | 'data'>;

export interface RemoteContext extends SpanContext {
  /** Whoever sent it keeps its own spans of this trace. */
  readonly isSampled: boolean;
}

const digits = (id: string): string => hash('sha256', id, 'hex');

/** The id of the span that an event (or a part of one) records: 16 hex digits. */
export const spanIdOf = (id: string): string => digits(id).slice(0, 16);

/** The id of the trace that an event without a trace context begins: 32 hex digits. */
const ownTraceIdOf = (rootId: string): string => digits(rootId).slice(16, 48);

const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const onlyZeros = /^0+$/;

/**
 * Reads a W3C `traceparent`; undefined when it is not one. Of later versions than 00 it reads what
 * 00 knows, as the recommendation asks.
 */
export const contextFrom = (traceparent: string): RemoteContext | undefined => {
  const found = traceparentPattern.exec(traceparent);
  if (found === null) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', rest] = found;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (onlyZeros.test(traceId) || onlyZeros.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
};

/** Writes a W3C `traceparent`, version 00. */
export const traceparentFrom = ({ traceId, spanId }: SpanContext, isSampled = true): string =>
  `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;

/** The decision (or the wake) that an event acts on; null when it acts on none. */
const decisionIdOf = ({ data }: TracedEvent): string | null =>
  'decisionId' in data ? data.decisionId : null;

/**
 * Where the span of an event stands. With a trace context it is in that trace, under the request's
 * span or, for an action on a decision, under that decision's. Without one, the decision (or the
 * event itself) begins a trace of its own.
 */
export const contextOf = (event: TracedEvent): EventContext => {
  const decisionId = decisionIdOf(event);
  const given = event.traceparent === undefined ? undefined : contextFrom(event.traceparent);
  const above = decisionId === null ? (given?.spanId ?? null) : spanIdOf(decisionId);
  return {
    traceId: given?.traceId ?? ownTraceIdOf(decisionId ?? event.id),
    spanId: spanIdOf(event.id),
    parentSpanId: above,
  };
};

/** The first span of a trace that no event begins; its ids follow from the given one. */
export const rootContextOf = (id: string): EventContext => ({
  traceId: ownTraceIdOf(id),
  spanId: spanIdOf(id),
  parentSpanId: null,
});

/** The trace in which an event is told: 32 hex digits. */
export const traceIdOfEvent = (event: TracedEvent): string => contextOf(event).traceId;
