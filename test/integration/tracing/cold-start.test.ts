/** One cold start on a whole Flyball is one trace, told once, to two receivers alike. */
import type { WorkloadKey } from '@flyball/contracts';
import {
  attributeNames,
  type FinishedSpan,
  phases,
  type SpanContext,
  spanIdOf,
  traceparentFrom,
} from '@flyball/telemetry';
import type { ReceivedSpan } from '@flyball/telemetry/sink';
import type { RunningSink } from '@flyball/telemetry/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ColdStartTold,
  coldStartIn,
  ids,
  named,
  phasesOfPokes,
  phasesOnce,
} from './cold-start-told.ts';
import { TracedMachine, until } from './traced-machine.ts';

const first: WorkloadKey = 'tracing/first';
const later: WorkloadKey = 'tracing/later';
const clientSpan = 'b7ad6b7169203331';
const clientOf = (trace: string): SpanContext => ({
  traceId: trace.repeat(32).slice(0, 32),
  spanId: clientSpan,
});

let machine: TracedMachine;

beforeAll(async () => {
  machine = await TracedMachine.start();
}, 120_000);
afterAll(() => machine?.leave(), 60_000);

const inTrace = (traceId: string): readonly ReceivedSpan[] =>
  machine.own.spans.filter((span) => span.traceId === traceId);

/** Resolves when all that there is to tell of a cold start has been told. */
const untilTold = ({ request, pokes, decisions, actions }: ColdStartTold): Promise<true> =>
  until('all phases are told', () => {
    const spans = inTrace(request.traceId);
    const counts = { tick: pokes.length, decide: decisions.length, apply: actions.length };
    const expected = new Map(Object.entries(counts));
    const isTold = (phase: string) => named(spans, phase).length >= (expected.get(phase) ?? 1);
    return phases.every(isTold) || undefined;
  });

/** Resolves when both receivers have all decisions that were recorded. */
const untilDecisionsTold = (): Promise<true> =>
  until('both are told all decisions', async () => {
    const events = await machine.events();
    const recorded = events.filter(({ type }) => type === 'Decided').map(({ id }) => spanIdOf(id));
    const hasAll = ({ spans }: RunningSink): boolean => {
      const told = new Set(ids(named(spans, 'decide')));
      return recorded.every((id) => told.has(id));
    };
    return (hasAll(machine.own) && hasAll(machine.other)) || undefined;
  });

const only = (spans: readonly FinishedSpan[], phase: string): FinishedSpan => {
  const [span, ...others] = named(spans, phase);
  if (span === undefined || others.length > 0) throw new Error(`${phase} is not told once`);
  return span;
};

/** Parents and ids, as they follow from what the log holds. */
const expectStructure = (spans: readonly FinishedSpan[], told: ColdStartTold): void => {
  const { request, decided, applied, decisions, actions, pokes, batches, completed } = told;
  const workload = completed.workload;
  const received = only(spans, 'received');
  expect(received).toMatchObject({ ...request, parentSpanId: clientSpan, kind: 'server' });
  expect(received.attributes[attributeNames.eventId]).toBe(completed.id);
  for (const phase of ['held', 'connect', 'first byte', 'last byte', ...phasesOfPokes]) {
    for (const span of named(spans, phase)) expect(span.parentSpanId).toBe(request.spanId);
  }
  expect(ids(named(spans, 'decide'))).toEqual(decisions.map(({ id }) => spanIdOf(id)).toSorted());
  for (const span of named(spans, 'decide')) expect(span.parentSpanId).toBe(request.spanId);
  expect(ids(named(spans, 'apply'))).toEqual(actions.map(({ id }) => spanIdOf(id)).toSorted());
  expect(spans.find(({ spanId }) => spanId === spanIdOf(applied.id))).toMatchObject({
    ...{ name: 'scale', parentSpanId: spanIdOf(decided.id), endMs: applied.data.appliedAtMs },
  });
  for (const phase of ['pod created', 'pod started', 'pod ready']) {
    expect(only(spans, phase).parentSpanId).toBe(spanIdOf(applied.id));
  }
  // Each poke of this request, and the batches that carried it: by the ids that the log gives.
  expect(ids(named(spans, 'tick'))).toEqual(
    pokes.map(({ id }) => spanIdOf(`${id}:${workload}`)).toSorted(),
  );
  const samples = new Map(
    batches.map(({ id, seq }) => [seq, spanIdOf(`${id}:${workload}:sample`)] as const),
  );
  expect([...samples.values()]).toEqual(expect.arrayContaining([...ids(named(spans, 'sample'))]));
  const poking = new Set(pokes.map(({ data }) => data.samplesThroughSeq));
  expect(ids(named(spans, 'fold'))).toEqual(
    batches
      .filter(({ seq }) => poking.has(seq))
      .map(({ id }) => spanIdOf(`${id}:${workload}`))
      .toSorted(),
  );
  const [poke] = pokes.filter(({ id }) => id === decided.causationId);
  expect(ids(named(spans, 'sample'))).toContain(samples.get(poke?.data.samplesThroughSeq ?? 0));
};

const earliest = (spans: readonly FinishedSpan[], phase: string): FinishedSpan => {
  const [span] = named(spans, phase).toSorted((one, other) => one.startMs - other.startMs);
  if (span === undefined) throw new Error(`${phase} is not told`);
  return span;
};

/** What ColdStartCompleted says, to the millisecond. */
const expectTimes = (spans: readonly FinishedSpan[], { completed, applied }: ColdStartTold) => {
  const { data } = completed;
  const ends = Object.fromEntries(
    phasesOnce.map((phase) => [phase, only(spans, phase).endMs] as const),
  );
  expect(only(spans, 'received').startMs).toBe(data.receivedAtMs);
  expect(earliest(spans, 'sample').startMs).toBe(data.sampledAtMs);
  expect(ends).toMatchObject({
    received: data.lastByteAtMs,
    'pod created': data.podAppearedAtMs,
    'pod started': data.podAddressKnownAtMs,
    connect: data.connectedAtMs,
    'first byte': data.firstByteAtMs,
    'last byte': data.lastByteAtMs,
  });
  expect(data.appliedAtMs).toBe(applied.data.appliedAtMs);
  if (data.podReadyAtMs !== null) expect(ends['pod ready']).toBe(data.podReadyAtMs);
  const starts = phases.map((phase) => earliest(spans, phase).startMs);
  expect(starts).toEqual(starts.toSorted((one, other) => one - other));
  // Held, connect, first byte and last byte lie end to end: their sum is the measured time.
  const parts = ['held', 'connect', 'first byte', 'last byte'].map((phase) => only(spans, phase));
  const sumMs = parts.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  expect(sumMs).toBe(data.lastByteAtMs - data.receivedAtMs);
};

/** The spans of an own trace begin with one that has no parent; all others have one of it. */
const expectWhole = (spans: readonly FinishedSpan[]): void => {
  const known = new Set([...spans.map(({ spanId }) => spanId), clientSpan]);
  const orphans = spans.filter(
    ({ parentSpanId }) => parentSpanId !== null && !known.has(parentSpanId),
  );
  expect(orphans).toEqual([]);
};

/** Messages of the log say which trace they belong to, to whoever looks at the bus. */
const expectHeaders = async ({ decided, applied, pokes, batches, completed }: ColdStartTold) => {
  const { traceparent } = completed;
  for (const { seq } of [decided, applied, completed, ...pokes]) {
    expect(await machine.headerOf('EVENTS', seq, 'traceparent')).toBe(traceparent);
  }
  for (const { seq } of batches) {
    expect(await machine.headerOf('SAMPLES', seq, 'traceparent')).toBe(traceparent);
  }
};

describe('a whole Flyball whose spans go to two receivers', () => {
  it('tells a cold start as one trace of all phases, with the times of its event', async () => {
    const [client, second] = [clientOf('a1'), clientOf('b2')];
    await machine.apply(first);
    const answers = [machine.ask(first, traceparentFrom(client))];
    const isHeld = async () =>
      (await machine.of(first, 'Decided')).find(({ traceparent }) => traceparent !== undefined);
    await until('the first request is held', isHeld);
    answers.push(machine.ask(first, traceparentFrom(second)));
    expect(await Promise.all(answers)).toEqual([200, 200]);
    const told = await coldStartIn(machine, first);
    await untilTold(told);
    const spans = inTrace(client.traceId);
    expect(told.request.traceId).toBe(client.traceId);
    expect(told.request.spanId).not.toBe(client.spanId);
    expectStructure(spans, told);
    expectTimes(spans, told);
    expectWhole(spans);
    await expectHeaders(told);
    // Its own client asked for the other one's trace, which says with whom it was held.
    const others = await until('the second request is told', () => {
      const received = named(inTrace(second.traceId), 'received');
      return received.length > 0 ? received : undefined;
    });
    expect(others).toMatchObject([
      {
        parentSpanId: clientSpan,
        links: [{ ...told.request, attributes: { [attributeNames.link]: 'held with' } }],
      },
    ]);
  }, 120_000);

  it('tells no decision twice when the decider is killed and folds the log anew', async () => {
    await machine.apply(later);
    const pid = machine.machine.pidOf('decider');
    if (pid === undefined) throw new Error('there is no decider to kill');
    const recoveries = (): readonly ReceivedSpan[] =>
      machine.own.spans.filter(
        ({ name, service }) => name === 'recover' && service === 'flyball-decider',
      );
    const before = recoveries().length;
    // What it has told to one alone when it is killed, the other one never hears of.
    await untilDecisionsTold();
    process.kill(pid, 'SIGKILL');
    const eventsRead = () =>
      recoveries()
        .slice(before)
        .reduce((sum, { attributes }) => sum + Number(attributes['flyball.recovered.events']), 0);
    await until('the next decider has read the log', () => eventsRead() > 0 || undefined);
    expect(recoveries().every(({ parentSpanId }) => parentSpanId === null)).toBe(true);
    const client = clientOf('c3');
    expect(await machine.ask(later, traceparentFrom(client))).toBe(200);
    const told = await coldStartIn(machine, later);
    await untilTold(told);
    expectStructure(inTrace(client.traceId), told);
    expectTimes(inTrace(client.traceId), told);
    await machine.stop();
    const decisions = machine.own.spans.filter(({ name }) => name === 'decide');
    expect(new Set(ids(decisions)).size).toBe(decisions.length);
  }, 120_000);

  it('has told both of them the same, in protobuf and in JSON', async () => {
    await machine.stop();
    const { own, other } = machine;
    const typesAt = (sink: RunningSink) => [
      ...new Set(sink.headers.map((headers) => headers['content-type'])),
    ];
    expect([typesAt(own), typesAt(other)]).toEqual([
      ['application/x-protobuf'],
      ['application/json'],
    ]);
    const byId = (spans: readonly ReceivedSpan[]) =>
      spans
        .map((span) => [`${span.traceId}:${span.spanId}`, span] as const)
        .toSorted(([one], [other]) => one.localeCompare(other));
    expect(byId(other.spans)).toEqual(byId(own.spans));
    expect(own.spans.length).toBeGreaterThan(2 * phases.length);
  }, 60_000);
});
