/** What each stage tells of one cold start is one trace, in its order and without a gap. */
import { eventFrom } from '@flyball/contracts';
import { expect, test } from 'vitest';
import type { FinishedSpan } from '../finished-span.ts';
import { phases } from '../phases.ts';
import {
  applied,
  batch,
  clientSpanId,
  coldRequest,
  coldStart,
  decided,
  decidedAlone,
  receivedAtMs,
  requestContext,
  tick,
  traceparent,
  wake,
} from '../testing/cold-start-story.ts';
import { contextOf, spanIdOf } from '../trace-ids.ts';
import { waterfall } from '../waterfall.ts';
import { applySpan } from './apply-span.ts';
import { coldStartSpans } from './cold-start-spans.ts';
import { decideSpan } from './decide-span.ts';
import { foldSpans } from './fold-spans.ts';
import { rowSpansMax } from './row-spans.ts';
import { sampleSpans } from './sample-spans.ts';
import { tickSpans } from './tick-spans.ts';
import { wakeSpan } from './wake-span.ts';

const workload = 'default/web';
const scaled = applied('decided', decided);
const at = (startMs: number, endMs: number) => ({
  startMs: receivedAtMs + startMs,
  endMs: receivedAtMs + endMs,
});

const story = (): FinishedSpan[] => [
  ...coldStartSpans({
    event: coldStart(),
    workload,
    request: coldRequest,
    appliedEventId: scaled.id,
  }),
  applySpan({ event: scaled, seq: 14, ...at(6, 10) }),
  decideSpan({ event: decided, seq: 13, ...at(4, 6) }),
  ...tickSpans({ event: tick, seq: 12, ...at(3, 4) }),
  ...foldSpans({ batch, seq: 7, ...at(2, 3) }),
  ...sampleSpans({ batch, seq: 7, ...at(0.5, 2) }),
];

const phaseOf = ({ attributes }: FinishedSpan) => attributes['flyball.phase'];
const byPhase = (spans: readonly FinishedSpan[], phase: string): FinishedSpan => {
  const found = spans.filter((span) => phaseOf(span) === phase);
  expect(found, phase).toHaveLength(1);
  return found[0] as FinishedSpan;
};

test('all phases are told once, of one trace and one workload', () => {
  const spans = story();
  expect(new Set(spans.map(phaseOf))).toEqual(new Set(phases));
  expect(spans).toHaveLength(phases.length);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([requestContext.traceId]));
  expect(new Set(spans.map(({ attributes }) => attributes['flyball.workload']))).toEqual(
    new Set([workload]),
  );
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
});

test('told as a tree: the request, its parts, the decision, its scale, the pod', () => {
  const lines = waterfall(story()).rows.map(
    ({ span, depth }) => `${'  '.repeat(depth)}${phaseOf(span)}: ${span.kind} ${span.name}`,
  );
  expect(lines).toEqual([
    'received: server GET',
    '  held: internal held',
    '  sample: producer send flyball.samples.{partition}',
    '  fold: consumer process flyball.samples.{partition}',
    '  tick: producer send flyball.events.{partition}.ticks',
    '  decide: internal decide',
    '    apply: client scale',
    '      pod created: internal pod created',
    '      pod started: internal pod started',
    '      pod ready: internal pod ready',
    '  connect: client connect',
    '  first byte: internal first byte',
    '  last byte: internal last byte',
  ]);
});

test('the parts of the request last together as long as the request', () => {
  const spans = story();
  const received = byPhase(spans, 'received');
  let sinceMs = received.startMs;
  for (const phase of ['held', 'connect', 'first byte', 'last byte']) {
    const { startMs, endMs } = byPhase(spans, phase);
    expect(startMs, phase).toBe(sinceMs);
    sinceMs = endMs;
  }
  expect(sinceMs).toBe(received.endMs);
});

test('times are those of the events', () => {
  const spans = story();
  const { data } = coldStart();
  expect(byPhase(spans, 'received')).toMatchObject(at(0, 120));
  expect(byPhase(spans, 'apply').endMs).toBe(scaled.data.appliedAtMs);
  expect(byPhase(spans, 'pod created')).toMatchObject({
    startMs: data.appliedAtMs,
    endMs: data.podAppearedAtMs,
  });
  expect(byPhase(spans, 'pod started').endMs).toBe(data.podAddressKnownAtMs);
  expect(byPhase(spans, 'pod ready').endMs).toBe(data.podReadyAtMs);
  expect(byPhase(spans, 'first byte').endMs).toBe(data.firstByteAtMs);
});

test('the request says in OpenTelemetry’s words what it was', () => {
  const { attributes, parentSpanId, error } = byPhase(story(), 'received');
  expect(parentSpanId).toBe(clientSpanId);
  expect(error).toBeNull();
  expect(attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'url.path': '/primes',
    'url.scheme': 'http',
    'server.address': 'web.default.localhost',
    'network.protocol.version': '1.1',
    'flyball.event.id': coldStart().id,
    'flyball.pod': 'web-1',
    'flyball.waited': 4,
  });
});

test('a message says where it lies', () => {
  expect(byPhase(story(), 'fold').attributes).toMatchObject({
    'messaging.system': 'nats',
    'messaging.operation.type': 'process',
    'messaging.destination.name': 'flyball.samples.3',
    'messaging.destination.template': 'flyball.samples.{partition}',
    'messaging.destination.partition.id': '3',
    'messaging.message.id': batch.id,
    'nats.stream': 'SAMPLES',
    'nats.sequence': 7,
  });
});

test('rows that no request waits for tell nothing', () => {
  const rows = { ...batch.data.rows, traceparents: [null, 'broken'] };
  const quiet = { ...batch, data: { ...batch.data, rows } };
  expect(foldSpans({ batch: quiet, seq: 7, ...at(0, 1) })).toEqual([]);
});

test('of a message with very many held requests the first ones are told', () => {
  const count = rowSpansMax + 40;
  const names = Array.from({ length: count }, (_, index) => `default/w${index}` as const);
  const rows = {
    workloads: names,
    concurrencyMilli: names.map(() => 1),
    requestsMilli: names.map(() => 1),
    inFlight: names.map(() => 1),
    traceparents: names.map(() => traceparent),
  };
  const large = { ...batch, data: { ...batch.data, rows } };
  expect(sampleSpans({ batch: large, seq: null, ...at(0, 1) })).toHaveLength(rowSpansMax);
});

test('a decision at a tick begins its own trace, and links to who waits', () => {
  const span = decideSpan({ event: decidedAlone, seq: 1, waiting: requestContext, ...at(0, 1) });
  expect(span).toMatchObject({ ...contextOf(decidedAlone), parentSpanId: null });
  expect(span.links).toEqual([{ ...requestContext, attributes: { 'flyball.link': 'waits' } }]);
  const own = decideSpan({ event: decided, seq: 1, waiting: requestContext, ...at(0, 1) });
  expect(own.links).toEqual([]);
  expect(own.attributes).toMatchObject({
    'flyball.replicas.from': 0,
    'flyball.replicas.to': 1,
    'flyball.mode': 'stable',
    'flyball.reason': 'one request waits',
  });
});

test('a scale that the platform refused says why, and one that was overtaken that it was', () => {
  const draft = { pen: 'actions', workload, partition: 3, source: '/flyball/actuator' } as const;
  const failed = eventFrom({
    ...draft,
    type: 'ScaleFailed',
    cause: decided,
    data: {
      to: 1,
      decisionId: decided.id,
      attempt: 2,
      code: 'PLATFORM_REFUSED',
      message: 'quota',
      retriable: false,
    },
  });
  expect(applySpan({ event: failed, seq: null, ...at(0, 3) })).toMatchObject({
    ...at(0, 3),
    error: 'PLATFORM_REFUSED: quota',
    parentSpanId: spanIdOf(decided.id),
  });
  const superseded = eventFrom({
    ...draft,
    type: 'ScaleSuperseded',
    cause: decided,
    data: { to: 1, decisionId: decided.id, byDecisionId: 'x' },
  });
  expect(applySpan({ event: superseded, seq: null, ...at(0, 3) })).toMatchObject({
    name: 'scale',
    attributes: { 'flyball.reason': 'superseded' },
    error: null,
  });
});

test('what was done at a wake lies below the wake', () => {
  const called = wakeSpan({ event: wake, seq: 3, ...at(500, 501) });
  expect(called.parentSpanId).toBe(requestContext.spanId);
  const span = applySpan({ event: applied('woken', wake), seq: 4, ...at(502, 510) });
  expect(span.parentSpanId).toBe(called.spanId);
});
