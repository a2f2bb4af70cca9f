/** Where a request stands in a trace: its own span, below that of its client. */
import { randomFillSync } from 'node:crypto';
import {
  contextFrom,
  type EventContext,
  type RemoteContext,
  rootContextOf,
  traceparentFrom,
} from '@flyball/telemetry';

/** The request's own span, and what lies above it. */
export type RequestContext = EventContext;

/** A context with the header that says it. */
export interface StatedContext {
  readonly context: RequestContext;
  /** W3C `traceparent`, fit for events. */
  readonly traceparent: string;
}

export interface RequestContexts {
  /**
   * For the request that a cold start follows: in its client's trace if it has one. Derived from
   * the name of this process and a count, so that the same run gives the same events.
   */
  followed(given: string | null): StatedContext;
  /** For the request that is followed once the first has left: in the first one's trace. */
  successor(first: RequestContext): StatedContext;
  /** For an ordinary request that is told; random, as no event ever holds it. */
  sampled(given: string | null): RequestContext;
  /** A random span id: 16 hex digits. */
  spanId(): string;
}

const clientOf = (given: string | null): RemoteContext | undefined =>
  given === null ? undefined : contextFrom(given);

/** Does the client's context say where it stands? */
export const isTraceparent = (given: string | null): given is string =>
  clientOf(given) !== undefined;

const below = (client: RemoteContext | undefined, own: RequestContext): RequestContext =>
  client === undefined
    ? own
    : { traceId: client.traceId, spanId: own.spanId, parentSpanId: client.spanId };

const traceIdBytes = 16;
const spanIdBytes = 8;
/** Drawn at once: one draw for each id would cost more than the span. */
const drawnBytes = 4_096;

/** Random ids, as W3C asks for. */
const createDraw = (): ((bytes: number) => string) => {
  const drawn = Buffer.alloc(drawnBytes);
  let at = drawnBytes;
  return (bytes) => {
    if (at + bytes > drawnBytes) {
      randomFillSync(drawn);
      at = 0;
    }
    at += bytes;
    return drawn.toString('hex', at - bytes, at);
  };
};

/**
 * `isTold`: the spans of cold starts are told, so that whoever is below them shall tell his, too.
 * Otherwise the client's word counts.
 */
export const createRequestContexts = (options: {
  readonly instance: string;
  readonly isTold: boolean;
}): RequestContexts => {
  const draw = createDraw();
  let count = 0;
  const next = (): RequestContext => {
    count += 1;
    return rootContextOf(`${options.instance}:request:${count}`);
  };
  const stated = (context: RequestContext, client?: RemoteContext): StatedContext => {
    const isSampled = options.isTold || (client?.isSampled ?? true);
    return { context, traceparent: traceparentFrom(context, isSampled) };
  };
  return {
    followed: (given) => {
      const client = clientOf(given);
      return stated(below(client, next()), client);
    },
    successor: ({ traceId, spanId: parentSpanId }) =>
      stated({ traceId, spanId: next().spanId, parentSpanId }),
    sampled: (given) =>
      below(clientOf(given), {
        traceId: draw(traceIdBytes),
        spanId: draw(spanIdBytes),
        parentSpanId: null,
      }),
    spanId: () => draw(spanIdBytes),
  };
};
