/** Tells the spans of requests: of every cold start, and of a few ordinary requests. */
import type { FlyballEvent } from '@flyball/contracts';
import type { EndReason, ProxyRequest } from '@flyball/proxy';
import {
  type FinishedSpan,
  requestSpans,
  sampleSpans,
  type Telemetry,
  traceparentFrom,
  wakeSpan,
} from '@flyball/telemetry';
import { createFollowedStories, type FollowedStory } from './followed-stories.ts';
import { isTraceparent, type RequestContexts } from './request-context.ts';
import { failureOf, requestFacts, sendingSpan } from './request-facts.ts';
import { RequestTrace, traceOf } from './request-trace.ts';
import type { Upstream } from './upstream.ts';

export interface RequestTracingOptions {
  readonly telemetry: Telemetry;
  readonly contexts: RequestContexts;
  /** The share of ordinary requests that are told, 0 to 1, where the client does not ask for it. */
  readonly ratio: number;
  /** UTC milliseconds, whole. */
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** How a request ended, as its client knows it. */
export interface RequestEnd {
  readonly status: number;
  readonly reason: EndReason;
}

export interface RequestTracing {
  /** It came in. Decides whether it is told as an ordinary one. */
  received(request: ProxyRequest): void;
  /** It is sent to a pod now; gives the `traceparent` for it, null when that is not ours to say. */
  sent(upstream: Upstream, request: ProxyRequest): string | null;
  firstByte(request: ProxyRequest): void;
  /** An ordinary request has ended. */
  ended(upstream: Upstream, request: ProxyRequest, end: RequestEnd): void;
  /** The request that a cold start followed has ended, well or badly. */
  followedEnded(upstream: Upstream, story: FollowedStory): void;
  /** More is known of a workload's pods. */
  routeChanged(upstream: Upstream): void;
  /** A batch that tells of requests that wait has been stored; `seq` is null: it was already. */
  sampleStored(batch: FlyballEvent<'SamplesReported'>, seq: number | null): void;
  /** A call to wake a workload has been stored. */
  wakeStored(event: FlyballEvent<'WakeRequested'>, seq: number | null): void;
}

/** Where the sampled flag stands in a traceparent, at the end of its second hexadecimal digit. */
const flagAt = 54;
const codeOfA = 97;

/** Does the client keep its spans of this trace? Without a look at the rest of it. */
const saysSampled = (traceparent: string): boolean => {
  const code = traceparent.charCodeAt(flagAt);
  return ((code >= codeOfA ? code + 1 : code) & 1) === 1;
};

/** UTC milliseconds with fractions, within the whole one that the clock says. */
const createTime = ({ nowMs, monotonicMs }: RequestTracingOptions): (() => number) => {
  let aheadMs = nowMs() - monotonicMs();
  return () => {
    const wholeMs = nowMs();
    const fineMs = monotonicMs() + aheadMs;
    const timeMs = Math.min(Math.max(fineMs, wholeMs), wholeMs + 1);
    aheadMs += timeMs - fineMs;
    return timeMs;
  };
};

type Traced = { readonly request: ProxyRequest; readonly trace: RequestTrace };

/** A pod did not take it, or broke off before it answered; the request is sent once more. */
const sentInVain = (
  { workload }: Upstream,
  { request, trace }: Traced,
  endMs: number,
): FinishedSpan[] => {
  const { context, sending } = trace;
  if (sending === null) return [];
  const error = 'the pod did not take it';
  return [sendingSpan({ request, workload, context, sending, endMs, status: null, error })];
};

/** An ordinary request: received, perhaps held, sent to a pod, answered. */
const ordinarySpans = (
  { workload }: Upstream,
  { request, trace }: Traced,
  { status, reason, endMs }: RequestEnd & { readonly endMs: number },
): FinishedSpan[] => {
  const { context, receivedAtMs, wasHeld, releasedAtMs, heldWith, sending, firstByteAtMs } = trace;
  const error = failureOf(reason);
  const spans = requestSpans({
    request: requestFacts(request, context),
    workload,
    pod: sending?.pod ?? null,
    moments: {
      receivedAtMs,
      releasedAtMs: wasHeld ? (releasedAtMs ?? endMs) : null,
      // What comes then is the span of the way to the pod.
      connectedAtMs: null,
      firstByteAtMs: null,
      lastByteAtMs: endMs,
    },
    status,
    ...(error === undefined ? {} : { error }),
    ...(heldWith === null ? {} : { heldWith }),
  });
  if (sending === null) return spans;
  // 499 is no pod's answer: it is how a client's leaving is written.
  const answered = firstByteAtMs === null || reason === 'abandoned' ? null : status;
  const way = { request, workload, context, sending, endMs, status: answered, error };
  return [...spans, sendingSpan(way)];
};

/** The spans of requests; null while nobody listens, so that a request costs one test. */
export const createRequestTracing = (options: RequestTracingOptions): RequestTracing | null => {
  const { telemetry, contexts, ratio, random } = options;
  if (!telemetry.isOn) return null;
  const timeMs = createTime(options);
  const followed = createFollowedStories();
  const tell = (spans: readonly FinishedSpan[]): void => {
    for (const span of spans) telemetry.tell(span);
  };
  const isWanted = (given: string | null): boolean =>
    (given !== null && saysSampled(given) && isTraceparent(given)) || random() < ratio;
  return {
    received: (request) => {
      const given = request.traceparent;
      if (isWanted(given)) request.note = new RequestTrace(contexts.sampled(given), timeMs());
    },
    sent: (upstream, request) => {
      const trace = traceOf(request);
      if (trace === null || request.pod === null) return null;
      const startMs = timeMs();
      tell(sentInVain(upstream, { request, trace }, startMs));
      trace.releasedAtMs ??= startMs;
      trace.firstByteAtMs = null;
      const resends = trace.sending === null ? 0 : trace.sending.resends + 1;
      const { id: pod, host, port } = request.pod;
      trace.sending = { spanId: contexts.spanId(), startMs, pod, host, port, resends };
      return traceparentFrom({ traceId: trace.context.traceId, spanId: trace.sending.spanId });
    },
    firstByte: (request) => {
      const trace = traceOf(request);
      if (trace !== null) trace.firstByteAtMs ??= timeMs();
    },
    ended: (upstream, request, end) => {
      const trace = traceOf(request);
      if (trace === null) return;
      tell(ordinarySpans(upstream, { request, trace }, { ...end, endMs: timeMs() }));
    },
    followedEnded: (upstream, end) => tell(followed.ended(upstream, end)),
    routeChanged: (upstream) => tell(followed.routeChanged(upstream)),
    sampleStored: (batch, seq) =>
      tell(sampleSpans({ batch, seq, startMs: batch.atMs, endMs: timeMs() })),
    wakeStored: (event, seq) =>
      telemetry.tell(wakeSpan({ event, seq, startMs: event.atMs, endMs: timeMs() })),
  };
};
