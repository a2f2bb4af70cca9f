/** What is remembered of an ordinary request that is told, from its coming to its end. */
import type { ProxyRequest } from '@flyball/proxy';
import type { SpanContext } from '@flyball/telemetry';
import type { RequestContext } from './request-context.ts';

/** It is on its way to a pod. */
export interface Sending {
  readonly spanId: string;
  readonly startMs: number;
  readonly pod: string;
  readonly host: string;
  readonly port: number;
  /** How often it was sent before. */
  readonly resends: number;
}

/** All times are UTC milliseconds with fractions. */
export class RequestTrace {
  readonly context: RequestContext;
  readonly receivedAtMs: number;
  /** It had to wait. */
  wasHeld = false;
  /** When it was sent for the first time; null before. */
  releasedAtMs: number | null = null;
  /** When it found no pod at all; null: it did not. */
  noPodAtMs: number | null = null;
  /** The request that a cold start followed while this one waited. */
  heldWith: SpanContext | null = null;
  sending: Sending | null = null;
  firstByteAtMs: number | null = null;

  constructor(context: RequestContext, receivedAtMs: number) {
    this.context = context;
    this.receivedAtMs = receivedAtMs;
  }
}

/*
 * The note of a request is its trace when it is told as an ordinary one, a number (UTC
 * milliseconds) when it only waited for a first pod, null otherwise.
 */

/** Null: it is not told as an ordinary one. */
export const traceOf = ({ note }: ProxyRequest): RequestTrace | null =>
  note instanceof RequestTrace ? note : null;

/** A request that found no pod remembers when, in case it is the one to be followed. */
export const noteNoPod = (request: ProxyRequest, nowMs: number): void => {
  const trace = traceOf(request);
  if (trace !== null) trace.noPodAtMs ??= nowMs;
  else request.note ??= nowMs;
};

/** When it found no pod, UTC milliseconds; null: it did not. */
export const noPodSinceMs = (request: ProxyRequest): number | null => {
  const { note } = request;
  return typeof note === 'number' ? note : (traceOf(request)?.noPodAtMs ?? null);
};
