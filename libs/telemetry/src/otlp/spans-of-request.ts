/** The spans of an OTLP request in our words, cut to what is kept of each. */
import { type Attributes, type AttributeValue, linksMax, type SpanKind } from '../finished-span.ts';
import type { ReceivedSpan } from '../received-span.ts';
import type { RequestAttributes, RequestSpan, TracesRequest } from './request-schema.ts';

/** Attributes of one span that are kept: as many as the SDK sends. */
const attributesMax = 128;
/** Characters of one text that are kept: as many as an event's sentence may have. */
const textCharsMax = 4_096;

const kinds: readonly SpanKind[] = [
  'internal',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];
const statusError = 2;

const cut = (text: string): string =>
  text.length <= textCharsMax ? text : `${text.slice(0, textCharsMax - 1)}…`;

const attributesOf = (given: RequestAttributes): Attributes => {
  const kept: [string, AttributeValue][] = [];
  for (const { key, value } of given) {
    if (kept.length >= attributesMax) break;
    if (value !== null) kept.push([cut(key), typeof value === 'string' ? cut(value) : value]);
  }
  return Object.fromEntries(kept);
};

/** Rounded once: a time that was sent as a fraction of a millisecond comes back as the same one. */
const millisOf = (nanos: bigint): number =>
  Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6;

const errorOf = ({ status }: RequestSpan): string | null => {
  if (status?.code !== statusError) return null;
  return status.message === '' ? 'error' : cut(status.message);
};

const spanOf = (span: RequestSpan, from: { service: string; instance: string }): ReceivedSpan => {
  const startMs = millisOf(span.startTimeUnixNano);
  const { traceId, spanId, parentSpanId } = span;
  return {
    ...{ traceId, spanId, parentSpanId },
    name: cut(span.name),
    kind: kinds[span.kind ?? 0] ?? 'internal',
    startMs,
    endMs: Math.max(startMs, millisOf(span.endTimeUnixNano ?? 0n)),
    attributes: attributesOf(span.attributes),
    links: span.links.slice(0, linksMax).map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      attributes: attributesOf(link.attributes),
    })),
    error: errorOf(span),
    ...from,
  };
};

/** All spans of a request, in its order. */
export const spansOfRequest = ({ resourceSpans }: TracesRequest): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const about = attributesOf(resource?.attributes ?? []);
    const from = {
      service: String(about['service.name'] ?? ''),
      instance: String(about['service.instance.id'] ?? ''),
    };
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => spanOf(span, from)));
  });
