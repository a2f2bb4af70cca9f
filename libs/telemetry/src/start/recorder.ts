/** Makes spans of the SDK of finished spans: with our ids, times and parents. */
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import { type FinishedSpan, linksMax } from '../finished-span.ts';

/** One receiver of spans. */
export interface Recorder {
  /** Never waits. */
  record(span: FinishedSpan): void;
  /** Sends what is left; may reject, may take long. */
  flush(): Promise<void>;
  /** Lets go of what would keep the process alive. */
  abandon(): void;
}

/** The SDK asks for ids when a span begins: it is given those of the span being told. */
export interface IdSlot {
  readonly generator: IdGenerator;
  put(span: FinishedSpan): void;
}

export const createIdSlot = (): IdSlot => {
  const next = { traceId: '', spanId: '' };
  return {
    generator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    put: ({ traceId, spanId }) => {
      next.traceId = traceId;
      next.spanId = spanId;
    },
  };
};

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** Seconds and nanoseconds: a number would be taken for one of the process's own clock. */
const preciseTime = (ms: number): [number, number] => {
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1e6);
  return nanos === 1e9 ? [seconds + 1, 0] : [seconds, nanos];
};

const traceFlags = TraceFlags.SAMPLED;

/** What tells one provider a finished span. */
export const recordOn = (provider: TracerProvider, slot: IdSlot) => {
  const tracer = provider.getTracer('flyball');
  return (span: FinishedSpan): void => {
    const { traceId, parentSpanId, links } = span;
    const parent =
      parentSpanId === null
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            ...{ traceId, spanId: parentSpanId, traceFlags, isRemote: true },
          });
    slot.put(span);
    const begun = tracer.startSpan(
      span.name,
      {
        kind: kinds[span.kind],
        startTime: preciseTime(span.startMs),
        attributes: span.attributes,
        links: links.slice(0, linksMax).map(({ attributes = {}, ...context }) => ({
          context: { ...context, traceFlags },
          attributes,
        })),
      },
      parent,
    );
    if (span.error !== null) begun.setStatus({ code: SpanStatusCode.ERROR, message: span.error });
    begun.end(preciseTime(span.endMs));
  };
};
