/** A trace is found in the log by its id, a beginning of it, or an event's id, and made again. */
import { spanIdOf } from '@flyball/telemetry';
import { expect, it } from 'vitest';
import { storySpanId, storyTraceId, tellColdStart } from '../testing/traced-story.ts';
import { findTraceOfEvent, findTraces, readRecordedTrace } from './find-recorded.ts';

const { signal } = new AbortController();
const search = { workload: undefined, signal };

const told = async () => {
  const { reader } = await tellColdStart();
  const [found] = await findTraces(reader, storyTraceId.slice(0, 8), search);
  if (found === undefined) throw new Error('The trace was not found.');
  return { reader, found, trace: await readRecordedTrace(reader, found, signal) };
};

it('by the beginning of its id', async () => {
  const { found } = await told();
  expect(found).toEqual({ traceId: storyTraceId, workload: 'default/web' });
});

it('by the id of each of its events', async () => {
  const { reader, found, trace } = await told();
  expect(trace?.events.map(({ type }) => type)).toEqual([
    'Decided',
    'ScaleApplied',
    'ColdStartCompleted',
  ]);
  for (const { id } of trace?.events ?? []) {
    expect(await findTraceOfEvent(reader, id, search)).toEqual(found);
  }
});

it('not where it is not', async () => {
  const { reader } = await tellColdStart();
  expect(await findTraces(reader, '0'.repeat(32), search)).toEqual([]);
  expect(await findTraces(reader, '4bf9', { ...search, workload: 'default/other' })).toEqual([]);
  expect(await findTraceOfEvent(reader, 'nobody:1', search)).toBeUndefined();
});

it('an event that is a span of no other has a trace of its own', async () => {
  const { reader, log } = await tellColdStart();
  const first = await log.events.at(1);
  const found = await findTraceOfEvent(reader, first?.id ?? '', search);
  expect(found === undefined || found.traceId !== storyTraceId).toBe(true);
});

it('its spans are those that the services tell: same ids, same parents, same times', async () => {
  const { trace } = await told();
  const spans = new Map(trace?.spans.map((span) => [span.spanId, span]));
  const idOf = (type: string): string =>
    spanIdOf(trace?.events.find((event) => event.type === type)?.id ?? '');
  const request = spans.get(storySpanId);
  expect(request).toMatchObject({ parentSpanId: null, kind: 'server', error: null });
  expect((request?.endMs ?? 0) - (request?.startMs ?? 0)).toBe(700);
  expect(spans.get(idOf('Decided'))).toMatchObject({ parentSpanId: storySpanId });
  expect(spans.get(idOf('ScaleApplied'))).toMatchObject({ parentSpanId: idOf('Decided') });
  const phases = trace?.summary.phases.map(({ phase, durationMs }) => [phase, durationMs]);
  expect(phases).toEqual(
    expect.arrayContaining([
      ['received', 700],
      ['pod started', 300],
      ['connect', 10],
      ['first byte', 140],
      ['last byte', 50],
    ]),
  );
  expect(trace).toMatchObject({ source: 'log', summary: { kind: 'cold start', error: null } });
});

it('what was applied is drawn from its decision on, and what it led to not before it', async () => {
  const { trace } = await told();
  const phaseOf = (wanted: string) => trace?.summary.phases.find(({ phase }) => phase === wanted);
  const decided = trace?.events.find(({ type }) => type === 'Decided');
  const apply = phaseOf('apply');
  expect(apply?.startMs).toBe(decided?.atMs);
  expect(apply?.durationMs).toBe(30);
  expect(phaseOf('pod created')?.startMs).toBeGreaterThanOrEqual(apply?.startMs ?? Infinity);
});

it('what was asked for is not recorded, and not made up', async () => {
  const { trace } = await told();
  const names = trace?.spans.flatMap(({ attributes }) => Object.keys(attributes)) ?? [];
  expect(names).toContain('http.response.status_code');
  expect(names.filter((name) => /^(url|server)\.|request\.method/.test(name))).toEqual([]);
});
