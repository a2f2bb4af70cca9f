/** A small body that holds very much is refused before it is looked into; numbers may be none. */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { requestEntriesMax } from './count-entries.ts';
import { decodeTraces, otlpTypes } from './decode-traces.ts';
import { requestSchema } from './request-schema.ts';

const { json, protobuf } = otlpTypes;
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const many = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);
const tooMany = {
  ok: false,
  reason: expect.stringContaining(`more than ${requestEntriesMax} res`),
};

const span = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  startTimeUnixNano: '1544712660000000000',
};
const requestOf = (spans: readonly object[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
/** Beside its resource and its scope. */
const attributes = (count: number) => many(count, { key: 'k', value: { boolValue: true } });

test.each([
  ['numbers', { resourceSpans: many(1_900_000, 1) }],
  ['resources', { resourceSpans: many(requestEntriesMax + 1, {}) }],
  ['scopes', { resourceSpans: [{ scopeSpans: many(requestEntriesMax, {}) }] }],
  ['attributes', requestOf([{ ...span, attributes: attributes(requestEntriesMax - 2) }])],
  ['links', requestOf([{ ...span, links: many(requestEntriesMax - 2, span) }])],
  [
    'attributes of many spans',
    requestOf(many(1_000, { ...span, attributes: attributes(requestEntriesMax / 1_000) })),
  ],
])('more %s than are taken are refused before any is looked at', (_, request) => {
  const decoded = decodeTraces(json, bytes(request));
  expect(decoded).toEqual(tooMany);
});

test('as many as are taken are taken', () => {
  const request = requestOf([{ ...span, attributes: attributes(requestEntriesMax - 3) }]);
  expect(decodeTraces(json, bytes(request))).toMatchObject({ ok: true, spans: [{}] });
});

test.each([
  ['resources', (count: number) => new Uint8Array(2 * count).map((_, at) => (at % 2 ? 0 : 0x0a))],
  [
    'scopes',
    (count: number) => {
      const scopes = new Uint8Array(2 * count).map((_, at) => (at % 2 ? 0 : 0x12));
      const length = [scopes.length & 0x7f, (scopes.length >> 7) & 0x7f, scopes.length >> 14];
      const [low = 0, middle = 0, high = 0] = length;
      return Uint8Array.from([0x0a, 0x80 | low, 0x80 | middle, high, ...scopes]);
    },
  ],
])('more %s than are taken are not decoded from protobuf', (_, bodyOf) => {
  expect(decodeTraces(protobuf, bodyOf(requestEntriesMax + 1))).toEqual(tooMany);
  expect(decodeTraces(protobuf, bodyOf(1_000))).toEqual({ ok: true, spans: [] });
});

test('entries in another wire type, which the decoder takes too, are not decoded', () => {
  const body = new Uint8Array(2 * requestEntriesMax + 2).map((_, at) => (at % 2 ? 0 : 0x08));
  const refused = { ok: false, reason: `the body cannot be read as ${protobuf}` };
  expect(decodeTraces(protobuf, body)).toEqual(refused);
});

test('of many wrong items only the first is complained of', () => {
  const lists = [many(1_000, 1), many(1_000, { scopeSpans: many(10, 1) })];
  for (const resourceSpans of lists) {
    expect(requestSchema.safeParse({ resourceSpans }).error?.issues).toHaveLength(1);
  }
});

test('numbers that are none are kept as text, and take no other span with them', () => {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  const tracer = new TracerProvider({ spanProcessors }).getTracer('x');
  const none = {
    nan: Number.NaN,
    above: Number.POSITIVE_INFINITY,
    below: Number.NEGATIVE_INFINITY,
  };
  tracer.startSpan('none', { attributes: none }).end();
  tracer.startSpan('beside').end();
  const body = ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans());
  expect(decodeTraces(protobuf, body ?? new Uint8Array())).toMatchObject({
    ok: true,
    spans: [
      { name: 'none', attributes: { nan: 'NaN', above: 'Infinity', below: '-Infinity' } },
      { name: 'beside' },
    ],
  });
});
