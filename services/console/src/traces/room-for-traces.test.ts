/** As many traces as are to be kept find room, not only as many as by default. */
import { createTraceStore, type ReceivedSpan } from '@flyball/telemetry/sink';
import { expect, it } from 'vitest';
import { roomForTraces } from './room-for-traces.ts';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** Together almost as much text as there is room for each trace. */
const spansOf = (trace: number): ReceivedSpan[] =>
  Array.from({ length: 20 }, (_, at) => ({
    traceId: hex(trace + 1, 32),
    spanId: hex(at + 1, 16),
    ...{ parentSpanId: null, name: 'x'.repeat(1_300), kind: 'internal' },
    ...{ startMs: trace, endMs: trace + 1, attributes: {}, links: [], error: null },
    ...{ service: 'flyball-test', instance: '0' },
  }));

it.each([1_000, 2_000])('keeps %d traces of 20 spans with 30,000 characters', (tracesMax) => {
  const store = createTraceStore(roomForTraces(tracesMax));
  for (let trace = 0; trace < tracesMax; trace += 1) store.add(spansOf(trace));
  const kept = { traces: tracesMax, spans: 20 * tracesMax, tracesDropped: 0, spansDropped: 0 };
  expect(store.counts()).toEqual(kept);
});
