/** The store keeps what came last, says what it let go, and finds what it is asked for. */
import { expect, test } from 'vitest';
import type { ReceivedSpan } from '../received-span.ts';
import { createTraceStore } from './trace-store.ts';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

const span = (trace: number, id: number, given: Partial<ReceivedSpan> = {}): ReceivedSpan => ({
  traceId: hex(trace, 32),
  spanId: hex(id, 16),
  parentSpanId: null,
  name: `span ${id}`,
  kind: 'internal',
  startMs: trace * 1_000 + id,
  endMs: trace * 1_000 + id + 10,
  attributes: {},
  links: [],
  error: null,
  service: 'flyball-test',
  instance: '0',
  ...given,
});

const phased = (trace: number, id: number, phase: string, workload = 'default/web') =>
  span(trace, id, { attributes: { 'flyball.phase': phase, 'flyball.workload': workload } });

test('a trace is summed up from its spans, whenever they came', () => {
  const store = createTraceStore();
  store.add([phased(1, 3, 'pod created')]);
  expect(store.list({ limit: 9 })[0]).toMatchObject({ kind: 'cold start', spans: 1 });
  store.add([phased(1, 2, 'decide'), phased(1, 1, 'received')]);
  store.add([{ ...phased(1, 4, 'apply'), error: 'refused' }, phased(1, 5, 'apply')]);
  expect(store.list({ limit: 9 })).toEqual([
    {
      traceId: hex(1, 32),
      kind: 'cold start',
      workload: 'default/web',
      workloads: ['default/web'],
      startMs: 1_001,
      durationMs: 10,
      spans: 5,
      dropped: 0,
      error: 'refused',
      name: 'span 1',
      phases: [
        { phase: 'received', startMs: 1_001, durationMs: 10 },
        { phase: 'decide', startMs: 1_002, durationMs: 10 },
        { phase: 'apply', startMs: 1_004, durationMs: 10 },
        { phase: 'pod created', startMs: 1_003, durationMs: 10 },
      ],
    },
  ]);
});

test('a cold start took as long as its request, whatever came before or after the answer', () => {
  const store = createTraceStore();
  const late = { ...phased(1, 9, 'pod ready'), startMs: 1_020, endMs: 1_900 };
  store.add([span(1, 1, { startMs: 900 }), late]);
  const took = () => store.list({ limit: 1 })[0];
  expect(took()).toMatchObject({ kind: 'cold start', startMs: 900, durationMs: 1_000 });
  const { attributes, ...received } = phased(1, 3, 'received');
  const waited = { ...attributes, 'flyball.waited': 1 };
  store.add([phased(1, 2, 'received'), { ...received, attributes: waited, endMs: 1_253 }]);
  expect(took()).toMatchObject({ kind: 'cold start', startMs: 1_003, durationMs: 250 });
  expect(store.list({ limit: 1, minMs: 251 })).toEqual([]);
});

test('a trace through two workloads is told of the request that waited', () => {
  const store = createTraceStore();
  const front = span(1, 1, {
    name: 'GET front',
    endMs: 1_900,
    attributes: { 'flyball.phase': 'received', 'flyball.workload': 'default/front' },
  });
  const waited = { 'flyball.phase': 'received', 'flyball.workload': 'default/back' };
  const back = span(1, 2, {
    name: 'GET back',
    parentSpanId: front.spanId,
    startMs: 1_100,
    endMs: 1_800,
    attributes: { ...waited, 'flyball.waited': 1 },
  });
  const connect = (id: number, workload: string, parent: ReceivedSpan) => ({
    ...phased(1, id, 'connect', workload),
    parentSpanId: parent.spanId,
  });
  store.add([front, back, connect(3, 'default/front', front), connect(9, 'default/back', back)]);
  store.add([phased(1, 8, 'decide', 'default/back')]);
  const told = {
    ...{ kind: 'cold start', workload: 'default/back', name: 'GET back' },
    workloads: ['default/back', 'default/front'],
    ...{ startMs: 1_100, durationMs: 700 },
    phases: [
      { phase: 'received', startMs: 1_100, durationMs: 700 },
      { phase: 'decide', startMs: 1_008, durationMs: 10 },
      { phase: 'connect', startMs: 1_009, durationMs: 10 },
    ],
  };
  for (const workload of ['default/back', 'default/front']) {
    expect(store.list({ workload, limit: 9 })).toMatchObject([told]);
  }
  expect(store.list({ workload: 'default/other', limit: 9 })).toEqual([]);
});

test('of two requests to one workload only the one that waited is told of', () => {
  const store = createTraceStore();
  const [first, second] = [phased(1, 1, 'received'), phased(1, 2, 'received')];
  const waited = { ...second, attributes: { ...second.attributes, 'flyball.waited': 1 } };
  const below = (id: number, phase: string, parent: ReceivedSpan) => ({
    ...phased(1, id, phase),
    parentSpanId: parent.spanId,
  });
  store.add([first, waited, below(3, 'connect', first), below(4, 'connect', second)]);
  expect(store.list({ limit: 1 })[0]?.phases).toEqual([
    { phase: 'received', startMs: 1_002, durationMs: 10 },
    { phase: 'connect', startMs: 1_004, durationMs: 10 },
  ]);
});

test('what is asked for is found, the newest first', () => {
  const store = createTraceStore();
  store.add([phased(1, 1, 'received'), phased(2, 1, 'decide'), span(3, 1)]);
  store.add([phased(4, 1, 'decide', 'default/other'), span(5, 1, { endMs: 9_000 })]);
  const names = (query: Omit<Parameters<typeof store.list>[0], 'limit'>, limit = 9) =>
    store.list({ ...query, limit }).map(({ traceId }) => Number.parseInt(traceId, 16));
  expect(names({})).toEqual([5, 4, 3, 2, 1]);
  expect(names({}, 2)).toEqual([5, 4]);
  expect(names({}, -1)).toEqual([]);
  expect(names({ kind: 'decision' })).toEqual([4, 2]);
  expect(names({ kind: 'request' })).toEqual([1]);
  expect(names({ kind: 'other' })).toEqual([5, 3]);
  expect(names({ workload: 'default/web' })).toEqual([2, 1]);
  expect(names({ minMs: 11 })).toEqual([5]);
});

test('a trace is found by its id, or by a beginning that only it has', () => {
  const store = createTraceStore();
  const traceIds = [`ab${'0'.repeat(30)}`, `ac${'0'.repeat(30)}`];
  store.add(traceIds.map((traceId) => span(1, 1, { traceId })));
  expect(store.get('ab')?.summary.traceId).toBe(traceIds[0]);
  expect(store.get(traceIds[1] ?? '')?.spans).toHaveLength(1);
  expect(store.get('a')).toBeUndefined();
  expect(store.idsFrom('a').sort()).toEqual(traceIds);
  expect(store.get('b')).toBeUndefined();
  expect(store.idsFrom('b')).toEqual([]);
});

test('the same span told again is the same span', () => {
  const store = createTraceStore();
  store.add([span(1, 1), span(1, 1, { name: 'again' })]);
  expect(store.get(hex(1, 32))?.spans.map(({ name }) => name)).toEqual(['again']);
  expect(store.counts()).toEqual({ traces: 1, spans: 1, tracesDropped: 0, spansDropped: 0 });
});

test('too many traces: the oldest goes first, and is counted', () => {
  const store = createTraceStore({ tracesMax: 2 });
  store.add([span(1, 1), span(1, 2), span(2, 1), span(1, 3), span(3, 1)]);
  expect(store.list({ limit: 9 }).map(({ startMs }) => startMs)).toEqual([3_001, 2_001]);
  expect(store.counts()).toEqual({ traces: 2, spans: 2, tracesDropped: 1, spansDropped: 3 });
});

test('too many spans: the oldest trace goes first', () => {
  const store = createTraceStore({ spansMax: 3 });
  store.add([span(1, 1), span(1, 2), span(2, 1), span(2, 2)]);
  expect(store.counts()).toEqual({ traces: 1, spans: 2, tracesDropped: 1, spansDropped: 2 });
});

test('too many spans of one trace: the first ones are kept, the others counted', () => {
  const store = createTraceStore({ spansPerTraceMax: 2 });
  store.add([span(1, 1), span(1, 2), span(1, 3), span(1, 2), span(1, 4)]);
  expect(store.get(hex(1, 32))?.summary).toMatchObject({ spans: 2, dropped: 2 });
  expect(store.counts()).toMatchObject({ spans: 2, spansDropped: 2 });
});

test('large spans: room is made for them as for many', () => {
  const store = createTraceStore({ charsMax: 10_000 });
  const large = { attributes: { text: 'x'.repeat(4_000) } };
  store.add([span(1, 1, large), span(2, 1, large), span(3, 1, large)]);
  expect(store.list({ limit: 9 }).map(({ startMs }) => startMs)).toEqual([3_001, 2_001]);
  // What replaces a large span gives its room back.
  store.add([span(3, 1), span(2, 1), span(4, 1, large)]);
  expect(store.counts()).toMatchObject({ traces: 3, tracesDropped: 1 });
  store.add([span(5, 1, { attributes: { text: 'x'.repeat(20_000) } })]);
  expect(store.counts()).toMatchObject({ traces: 0, spans: 0 });
});

test('cold starts stay when decisions come all the time, up to half of the room', () => {
  const store = createTraceStore({ tracesMax: 10 });
  const kinds = () => store.list({ limit: 99 }).map(({ kind }) => kind);
  const count = (kind: string) => kinds().filter((one) => one === kind).length;
  // A trace becomes that of a cold start by a later span.
  store.add([phased(1, 1, 'decide'), phased(1, 2, 'fold')]);
  for (let trace = 2; trace < 50; trace += 1) store.add([phased(trace, 1, 'decide')]);
  expect([count('cold start'), count('decision')]).toEqual([1, 9]);
  for (let trace = 50; trace < 70; trace += 1) store.add([phased(trace, 1, 'fold')]);
  expect([count('cold start'), count('decision')]).toEqual([5, 5]);
  for (let trace = 70; trace < 99; trace += 1) store.add([phased(trace, 1, 'decide')]);
  expect([count('cold start'), count('decision')]).toEqual([5, 5]);
});
