/** A request at the activator: received, perhaps held, sent to a pod, answered. */
import type { WorkloadKey } from '@flyball/contracts';
import type { FinishedSpan, SpanContext, SpanLink } from '../finished-span.ts';
import { attributeNames, type Phase } from '../phases.ts';
import { spanIdOf } from '../trace-ids.ts';
import { attributesOf } from './told.ts';

/** Who asked for what. */
export interface RequestFacts {
  /** The request's own span: what goes as `traceparent` to the pod, into samples and events. */
  readonly context: SpanContext;
  /** The client's span; null when it sent none. */
  readonly parentSpanId: string | null;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** `1.1`, `2`; null when it is not known. */
  readonly protocolVersion: string | null;
}

/** UTC milliseconds; null: did not happen, or was not seen. */
export interface RequestMoments {
  readonly receivedAtMs: number;
  /** Until when it was held; null: it never was. */
  readonly releasedAtMs: number | null;
  readonly connectedAtMs: number | null;
  readonly firstByteAtMs: number | null;
  readonly lastByteAtMs: number;
}

export interface RequestStory {
  readonly request: RequestFacts;
  readonly moments: RequestMoments;
  readonly workload: WorkloadKey;
  /** Null: it never reached one. */
  readonly pod: string | null;
  /** What the client was answered; null or 499: it left before. */
  readonly status: number | null;
  /** What went wrong, where more is known of it than its status says. */
  readonly error?: string;
  /** The followed request of the cold start with which it was held. */
  readonly heldWith?: SpanContext;
  /** Its client's span, where it is told in another trace than its client's. */
  readonly askedBy?: SpanContext;
  /** The event that records it, where one does. */
  readonly eventId?: string;
  /** How many waited for the same pod to come. */
  readonly waited?: number;
}

/** A span below the request, with an id that follows from the request's and the phase. */
export const belowRequest = (
  story: Pick<RequestStory, 'request' | 'workload' | 'pod'>,
  phase: Phase,
  times: { readonly startMs: number; readonly endMs: number },
): FinishedSpan => {
  const { traceId, spanId } = story.request.context;
  return {
    traceId,
    spanId: spanIdOf(`${traceId}:${spanId}:${phase}`),
    parentSpanId: spanId,
    name: phase,
    kind: phase === 'connect' ? 'client' : 'internal',
    ...times,
    attributes: attributesOf({
      [attributeNames.phase]: phase,
      [attributeNames.workload]: story.workload,
      [attributeNames.pod]: phase === 'held' ? null : story.pod,
    }),
    links: [],
    error: null,
  };
};

/** What is written for a client that left before it was answered; it never got it. */
const clientLeft = 499;

const answeredWith = ({ status }: RequestStory): number | null =>
  status === clientLeft ? null : status;

/** Why a request was not answered well: our words for what 5xx and a lost client mean. */
const errorOf = (story: RequestStory): string | null => {
  if (story.error !== undefined) return story.error;
  const status = answeredWith(story);
  if (status === null) return 'the client left before it was answered';
  return status >= 500 ? `answered ${status}` : null;
};

const linkTo = (to: SpanContext | undefined, why: string): SpanLink[] =>
  to === undefined
    ? []
    : [
        {
          traceId: to.traceId,
          spanId: to.spanId,
          attributes: { [attributeNames.link]: why },
        },
      ];

const serverSpan = (story: RequestStory): FinishedSpan => {
  const { request, moments } = story;
  const { traceId, spanId } = request.context;
  return {
    traceId,
    spanId,
    parentSpanId: request.parentSpanId,
    name: request.method,
    kind: 'server',
    startMs: moments.receivedAtMs,
    endMs: Math.max(moments.receivedAtMs, moments.lastByteAtMs),
    attributes: attributesOf({
      [attributeNames.phase]: 'received',
      [attributeNames.workload]: story.workload,
      [attributeNames.eventId]: story.eventId,
      [attributeNames.pod]: story.pod,
      [attributeNames.waited]: story.waited,
      'http.request.method': request.method,
      'http.response.status_code': answeredWith(story),
      'url.scheme': request.scheme,
      'url.path': request.path,
      'server.address': request.host,
      'network.protocol.name': 'http',
      'network.protocol.version': request.protocolVersion,
    }),
    links: [...linkTo(story.heldWith, 'held with'), ...linkTo(story.askedBy, 'asked by')],
    error: errorOf(story),
  };
};

/**
 * The request's own span and below it, end to end without a gap: held, connect, first byte, last
 * byte. Together they last as long as the request.
 */
export const requestSpans = (story: RequestStory): FinishedSpan[] => {
  const { receivedAtMs, releasedAtMs, connectedAtMs, firstByteAtMs, lastByteAtMs } = story.moments;
  const spans = [serverSpan(story)];
  const ends: readonly (readonly [Phase, number | null])[] = [
    ['held', releasedAtMs],
    ['connect', connectedAtMs],
    ['first byte', firstByteAtMs],
    ['last byte', firstByteAtMs === null ? null : lastByteAtMs],
  ];
  let startMs = receivedAtMs;
  for (const [phase, atMs] of ends) {
    if (atMs === null) continue;
    const endMs = Math.max(startMs, atMs);
    spans.push(belowRequest(story, phase, { startMs, endMs }));
    startMs = endMs;
  }
  return spans;
};
