/** Whatever is sent: spans, or a sentence; and what the SDK's own serializers write is read. */
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import type { FinishedSpan } from '../finished-span.ts';
import { createIdSlot, recordOn } from '../start/recorder.ts';
import { decodeTraces, type OtlpType, otlpTypes } from './decode-traces.ts';
import { requestType } from './request-type.ts';

const seeded = { seed: 42, numRuns: 300 } as const;
const types = Object.values(otlpTypes);

const nonZero = (digits: number) =>
  fc
    .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits })
    .filter((id) => !/^0+$/.test(id));
const attributes = fc.dictionary(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  ),
  { maxKeys: 8, noNullPrototype: true },
);
const moment = fc
  .double({ min: 1, max: 4e12, noNaN: true })
  .map((ms) => Math.floor(ms) + Math.round((ms % 1) * 1e3) / 1e3);

const finishedSpan: fc.Arbitrary<FinishedSpan> = fc.record({
  traceId: nonZero(32),
  spanId: nonZero(16),
  parentSpanId: fc.option(nonZero(16)),
  name: fc.string({ unit: 'grapheme', maxLength: 40 }),
  kind: fc.constantFrom('internal', 'server', 'client', 'producer', 'consumer'),
  startMs: moment,
  endMs: moment,
  attributes,
  links: fc.array(fc.record({ traceId: nonZero(32), spanId: nonZero(16), attributes }), {
    maxLength: 3,
  }),
  error: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })),
});

const inOrder = (span: FinishedSpan): FinishedSpan => ({
  ...span,
  endMs: Math.max(span.startMs, span.endMs),
});

/** What the SDK makes of a finished span, as its exporters get it. */
const readableOf = (spans: readonly FinishedSpan[]): ReadableSpan[] => {
  const exporter = new InMemorySpanExporter();
  const slot = createIdSlot();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'flyball-x', 'service.instance.id': 'x' }),
    idGenerator: slot.generator,
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const record = recordOn(provider, slot);
  for (const span of spans) record(span);
  return exporter.getFinishedSpans();
};

const serialize = (type: OtlpType, spans: readonly FinishedSpan[]): Uint8Array => {
  const serializer = type === otlpTypes.json ? JsonTraceSerializer : ProtobufTraceSerializer;
  return serializer.serializeRequest(readableOf(spans)) ?? new Uint8Array();
};

/** Attributes that say nothing (a zero below zero, an unknown key) are equal by what they say. */
const withoutNegativeZero = (text: unknown): unknown =>
  JSON.parse(JSON.stringify(text), (_, value) => (Object.is(value, -0) ? 0 : value));

test.each(types)('any spans come back as they were told, by %s', (type) => {
  fc.assert(
    fc.property(fc.array(finishedSpan.map(inOrder), { maxLength: 5 }), (spans) => {
      const decoded = decodeTraces(type, serialize(type, spans));
      const from = { service: 'flyball-x', instance: 'x' };
      const expected = { ok: true, spans: spans.map((span) => ({ ...span, ...from })) };
      expect(withoutNegativeZero(decoded)).toEqual(withoutNegativeZero(expected));
    }),
    seeded,
  );
});

test.each(types)('any bytes are spans or a sentence, by %s', (type) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (body) => {
      const decoded = decodeTraces(type, body);
      if (!decoded.ok) expect(decoded.reason.length).toBeGreaterThan(0);
    }),
    seeded,
  );
});

const spoilt = fc.record({
  spans: fc.array(finishedSpan.map(inOrder), { minLength: 1, maxLength: 3 }),
  places: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), by: fc.nat(255) }), {
    minLength: 1,
    maxLength: 6,
  }),
  keep: fc.double({ min: 0, max: 1, noNaN: true }),
});

test.each(types)('a request with spoilt bytes, or cut, never throws, by %s', (type) => {
  fc.assert(
    fc.property(spoilt, ({ spans, places, keep }) => {
      const body = Uint8Array.from(serialize(type, spans));
      for (const { at, by } of places) body[Math.floor(at * (body.length - 1))] = by;
      for (const sent of [body, body.subarray(0, Math.floor(keep * body.length))]) {
        const decoded = decodeTraces(type, sent);
        if (!decoded.ok) continue;
        for (const span of decoded.spans) {
          expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
          expect(span.endMs).toBeGreaterThanOrEqual(span.startMs);
        }
      }
    }),
    seeded,
  );
});

test('any JSON is spans or a sentence', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (resourceSpans) => {
      const body = new TextEncoder().encode(JSON.stringify({ resourceSpans }));
      const decoded = decodeTraces(otlpTypes.json, body);
      expect(typeof decoded.ok).toBe('boolean');
    }),
    seeded,
  );
});

interface FieldPlace {
  readonly field: protobuf.Field;
  /** Puts the bytes of a field into the messages that this one lies in. */
  readonly wrap: (bytes: readonly number[]) => readonly number[];
}

const fieldsIn = (type: protobuf.Type, wrap: FieldPlace['wrap']): readonly FieldPlace[] =>
  type.fieldsArray.flatMap((field) => {
    const inner = field.resolve().resolvedType;
    const wrapInner: FieldPlace['wrap'] = (bytes) =>
      wrap([(field.id << 3) | 2, bytes.length, ...bytes]);
    const below = inner instanceof protobuf.Type ? fieldsIn(inner, wrapInner) : [];
    return [{ field, wrap }, ...below];
  });

/** How long a value of nothing but zeros is, by wire type. */
const bytesOfZero = new Map([
  [0, 1],
  [1, 8],
  [2, 1],
  [5, 4],
]);

test('any field of another wire type than its own is refused', () => {
  const basic: Readonly<Record<string, number>> = protobuf.types.basic;
  const refused = { ok: false, reason: `the body cannot be read as ${otlpTypes.protobuf}` };
  for (const { field, wrap } of fieldsIn(requestType, (bytes) => bytes)) {
    for (const [wireType, bytes] of bytesOfZero) {
      if (wireType === (basic[field.type] ?? 2)) continue;
      const body = wrap([(field.id << 3) | wireType, ...Array<number>(bytes).fill(0)]);
      const decoded = decodeTraces(otlpTypes.protobuf, Uint8Array.from(body));
      expect(decoded, `${field.fullName} as ${wireType}`).toEqual(refused);
    }
  }
});

test.each([
  ['lists in JSON', otlpTypes.json, new TextEncoder().encode('['.repeat(1_000_000))],
  [
    'attributes in JSON',
    otlpTypes.json,
    new TextEncoder().encode(
      `{"resourceSpans":[${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}]}`,
    ),
  ],
  // Field 9 as a group that begins a group that begins a group …
  ['groups in protobuf', otlpTypes.protobuf, new Uint8Array(1_000_000).fill(0x4b)],
])('very deep %s neither throw nor end the process', (_, type, body) => {
  expect(typeof decodeTraces(type, body).ok).toBe('boolean');
});
