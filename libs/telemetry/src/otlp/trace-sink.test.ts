/** The sink answers as OTLP/HTTP wants it, and takes all of a request or nothing. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ReceivedSpan } from '../received-span.ts';
import { createTraceSink } from './trace-sink.ts';

const json = 'application/json';
const protobuf = 'application/x-protobuf';

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const text = (body: Uint8Array): string => new TextDecoder().decode(body);

const span = {
  traceId: '5B8EFFF798038103D269B633813FC60C',
  spanId: 'EEE19B7EC3C1B174',
  parentSpanId: 'EEE19B7EC3C1B173',
  name: 'I am a span',
  startTimeUnixNano: '1544712660000000000',
  endTimeUnixNano: 1_544_712_661_000_000_000,
  kind: 2,
  attributes: [
    { key: 'text', value: { stringValue: 'a' } },
    { key: 'whole', value: { intValue: '-7' } },
    { key: 'fraction', value: { doubleValue: 0.5 } },
    { key: 'no number', value: { doubleValue: 'NaN' } },
    { key: 'yes', value: { boolValue: true } },
    { key: 'list', value: { arrayValue: { values: [{ stringValue: 'b' }] } } },
    { key: 'nothing' },
  ],
  events: [{ name: 'skipped' }],
  status: { code: 2, message: 'broke' },
  addedInTheFuture: 1,
};

const requestOf = (...spans: unknown[]) => ({
  resourceSpans: [
    {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'flyball-x' } },
          { key: 'service.instance.id', value: { stringValue: 'x-0' } },
        ],
      },
      scopeSpans: [{ scope: { name: 'my.library' }, spans }],
    },
  ],
});

const sinkOf = (bodyBytesMax?: number) => {
  const kept: ReceivedSpan[] = [];
  const store = { add: (spans: readonly ReceivedSpan[]) => void kept.push(...spans) };
  const limit = bodyBytesMax === undefined ? {} : { bodyBytesMax };
  return { kept, sink: createTraceSink({ store, ...limit }) };
};

const received: ReceivedSpan = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  parentSpanId: 'eee19b7ec3c1b173',
  name: 'I am a span',
  kind: 'server',
  startMs: 1_544_712_660_000,
  endMs: 1_544_712_661_000,
  attributes: { text: 'a', whole: -7, fraction: 0.5, 'no number': 'NaN', yes: true },
  links: [],
  error: 'broke',
  service: 'flyball-x',
  instance: 'x-0',
};

test('the example of the specification is taken, in JSON', () => {
  const { kept, sink } = sinkOf();
  const answer = sink.handle(`${json}; charset=utf-8`, undefined, bytes(requestOf(span)));
  expect({ ...answer, body: text(answer.body) }).toEqual({
    ...{ status: 200, contentType: json, body: '{}' },
  });
  expect(kept).toEqual([received]);
});

test('packed by gzip it is the same', () => {
  const { kept, sink } = sinkOf();
  const packed = gzipSync(bytes(requestOf(span)));
  expect(sink.handle(json, 'gzip', packed).status).toBe(200);
  expect(kept).toEqual([received]);
});

test('what is absent is read as nothing', () => {
  const { kept, sink } = sinkOf();
  const { traceId, spanId, startTimeUnixNano } = span;
  const bare = { traceId, spanId, startTimeUnixNano };
  expect(sink.handle(json, undefined, bytes(requestOf(bare))).status).toBe(200);
  expect(kept).toEqual([
    {
      ...received,
      ...{ parentSpanId: null, name: '', kind: 'internal', attributes: {}, error: null },
      endMs: received.startMs,
    },
  ]);
});

test.each([
  [{}],
  [{ resourceSpans: [] }],
  [{ resourceSpans: [{}] }],
  [{ resourceSpans: [{ scopeSpans: [{}] }] }],
])('%o holds no spans, and is answered well', (request) => {
  const { kept, sink } = sinkOf();
  expect(sink.handle(json, undefined, bytes(request)).status).toBe(200);
  expect(kept).toEqual([]);
});

test('an empty body is an empty request in protobuf, and none in JSON', () => {
  const { sink } = sinkOf();
  const answer = sink.handle(protobuf, undefined, new Uint8Array());
  expect(answer).toEqual({ status: 200, contentType: protobuf, body: new Uint8Array() });
  expect(sink.handle(json, undefined, new Uint8Array()).status).toBe(400);
});

test.each([
  ['traceId', ''],
  ['traceId', '0'.repeat(32)],
  ['traceId', 'abc'],
  ['traceId', 7],
  ['spanId', 'x'.repeat(16)],
  ['parentSpanId', 'abc'],
  ['startTimeUnixNano', '0'],
  ['startTimeUnixNano', '-1'],
  ['startTimeUnixNano', 1.5],
  ['startTimeUnixNano', '18446744073709551616'],
  ['endTimeUnixNano', 'soon'],
  ['kind', 'server'],
  ['attributes', { key: 'x' }],
  ['attributes', [{ value: { stringValue: 'x' } }]],
  ['links', [{ traceId: span.traceId }]],
  ['status', 2],
])('one span with %s %o, and the whole request is refused', (field, value) => {
  const { kept, sink } = sinkOf();
  const request = requestOf(span, { ...span, [field]: value });
  const answer = sink.handle(json, undefined, bytes(request));
  expect(answer).toMatchObject({ status: 400, contentType: json });
  const status = JSON.parse(text(answer.body)) as { code: number; message: string };
  expect(status.code).toBe(3);
  expect(status.message).toContain(`resourceSpans.0.scopeSpans.0.spans.1.${field}`);
  expect(kept).toEqual([]);
});

test.each([
  [json, bytes('{')],
  [json, bytes('null')],
  [json, new Uint8Array([0x22, 0xff, 0x22])],
  [protobuf, bytes('not protobuf')],
  [protobuf, new Uint8Array([0x0a, 0x7f])],
])('what is not %s is refused in the same encoding', (type, body) => {
  const { sink } = sinkOf();
  const answer = sink.handle(type, undefined, body);
  expect(answer).toMatchObject({ status: 400, contentType: type });
  expect(text(answer.body)).toMatch(/cannot be read as application\/|expected object/);
});

test.each([undefined, '', 'text/plain', 'application/grpc'])('type %s is not taken', (type) => {
  const { sink } = sinkOf();
  const answer = sink.handle(type, undefined, bytes({}));
  expect(answer).toMatchObject({ status: 415, contentType: json });
  expect(text(answer.body)).toContain('send application/json or application/x-protobuf');
});

test('other packings than gzip are not taken, and broken gzip is refused', () => {
  const { sink } = sinkOf();
  const other = sink.handle(json, 'br', bytes({}));
  expect(other.status).toBe(415);
  expect(text(other.body)).toContain('content-encoding \\"br\\" is not taken; send gzip or none');
  expect(sink.handle(json, 'gzip', bytes('{}')).status).toBe(400);
  const cut = gzipSync(bytes(requestOf(span))).subarray(0, 40);
  expect(sink.handle(json, 'gzip', cut).status).toBe(400);
});

test('too large a body is refused, also when it only becomes so', () => {
  const { kept, sink } = sinkOf(100_000);
  const large = bytes(requestOf(...Array.from({ length: 1_000 }, () => span)));
  const plain = sink.handle(json, undefined, large);
  const packed = gzipSync(large);
  expect(packed.byteLength).toBeLessThan(100_000);
  for (const answer of [plain, sink.handle(json, 'gzip', packed)]) {
    expect(answer.status).toBe(413);
    expect(JSON.parse(text(answer.body))).toEqual({
      code: 8,
      message: 'the body is larger than 100000 bytes; send fewer spans at once',
    });
  }
  expect(kept).toEqual([]);
});

test('what is too long of one span is cut', () => {
  const { kept, sink } = sinkOf();
  const long = {
    ...span,
    name: 'n'.repeat(5_000),
    attributes: Array.from({ length: 200 }, (_, index) => ({
      ...{ key: `k${index}`, value: { stringValue: 'v'.repeat(5_000) } },
    })),
    links: Array.from({ length: 200 }, () => ({ traceId: span.traceId, spanId: span.spanId })),
  };
  sink.handle(json, undefined, bytes(requestOf(long)));
  const [first] = kept;
  expect(first?.name).toHaveLength(4_096);
  expect(Object.keys(first?.attributes ?? {})).toHaveLength(128);
  expect(first?.attributes.k0).toHaveLength(4_096);
  expect(first?.links).toHaveLength(128);
});
