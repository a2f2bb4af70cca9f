/** What is counted and told at the turns of a request's life, whatever carries it. */
import type { EndReason, ProxyRequest } from '@flyball/proxy';
import { type ColdStart, coldStartMoments, type Moments, takePlace } from './cold-start.ts';
import { isTraceparent } from './request-context.ts';
import type { RequestTracing } from './request-tracing.ts';
import { type Counting, requestEnded, requestStarted, type Upstream } from './upstream.ts';

export interface RequestHooksOptions {
  readonly shared: Counting;
  /** Null: nobody listens. */
  readonly tracing: RequestTracing | null;
  /** Writes it down; gives the id of the event, undefined when it was not taken. */
  readonly onColdStart: (
    upstream: Upstream,
    moments: Moments,
    traceparent: string,
  ) => string | undefined;
  readonly onAnswered: (status: number) => void;
}

/** To be called at each turn once: started, first byte of the answer (if any), ended. */
export interface RequestHooks {
  readonly onStart: (upstream: Upstream, request: ProxyRequest) => void;
  /**
   * It is about to be sent to a pod, perhaps not for the first time. Gives the `traceparent` that
   * the pod gets; null: the client's own, if it sent one.
   */
  readonly onSent: (upstream: Upstream, request: ProxyRequest) => string | null;
  readonly onFirstByte: (upstream: Upstream, request: ProxyRequest) => void;
  /** `status` is what the client got; 499: it left before an answer. */
  readonly onEnd: (
    upstream: Upstream,
    request: ProxyRequest,
    status: number,
    reason: EndReason,
  ) => void;
}

/** Whether it has been answered: that is an event, and the end of a cold start as it should be. */
const isAnswered = ({ firstByteAtMs }: ColdStart, isOver: boolean): boolean =>
  isOver && firstByteAtMs !== null;

/** The one to be called at the end of each request. */
const createOnEnd = (options: RequestHooksOptions): RequestHooks['onEnd'] => {
  const { shared, tracing, onAnswered, onColdStart } = options;
  return (upstream, request, status, reason) => {
    onAnswered(status);
    const followed = requestEnded(upstream, shared, request);
    if (followed === undefined) {
      if (tracing !== null) tracing.ended(upstream, request, { status, reason });
      return;
    }
    const { start, isOver } = followed;
    const answered = isAnswered(start, isOver);
    if (!answered && tracing === null) return;
    const moments = coldStartMoments(start, upstream.route, { atMs: shared.nowMs(), status });
    const { traceparent } = start.stated;
    const eventId = answered ? onColdStart(upstream, moments, traceparent) : undefined;
    if (tracing === null) return;
    const end = { request, start, moments, reason, isOver };
    tracing.followedEnded(upstream, eventId === undefined ? end : { ...end, eventId });
  };
};

/** The hooks of one activator. */
export const createRequestHooks = (options: RequestHooksOptions): RequestHooks => {
  const { shared, tracing } = options;
  return {
    onStart: (upstream, request) => {
      if (tracing !== null) tracing.received(request);
      requestStarted(upstream, shared);
    },
    onSent: (upstream, request) => {
      const { coldStart } = upstream;
      if (coldStart?.request === null) takePlace(coldStart, request, shared.contexts);
      if (coldStart?.request === request) {
        // The trace that began with the sample and the decision goes on in the pod; a client's own
        // is not broken off by a span that nobody is told of.
        const isOurs = tracing !== null || !isTraceparent(request.traceparent);
        return isOurs ? coldStart.stated.traceparent : null;
      }
      return tracing === null ? null : tracing.sent(upstream, request);
    },
    onFirstByte: ({ coldStart }, request) => {
      if (coldStart?.request === request) coldStart.firstByteAtMs = shared.nowMs();
      else if (tracing !== null) tracing.firstByte(request);
    },
    onEnd: createOnEnd(options),
  };
};
