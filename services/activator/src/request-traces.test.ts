/** Ordinary requests: which of them are told, what is told, and what their pods are given. */
import { contextFrom, type FinishedSpan } from '@flyball/telemetry';
import { describe, expect, test } from 'vitest';
import { ask, askHttp2, startPod } from './testing/http-ends.ts';
import { openTraced, type Traced, type TracedOptions } from './testing/traced-activator.ts';

const traceId = '1'.repeat(32);
const clientSpanId = '2'.repeat(16);
const stating = (flags: string) => ({ traceparent: `00-${traceId}-${clientSpanId}-${flags}` });

const ofKind = (traced: Traced, kind: FinishedSpan['kind']): FinishedSpan[] =>
  traced.spans.filter((span) => span.kind === kind && span.name === 'GET');

const isResent = ({ attributes }: FinishedSpan): boolean =>
  attributes['http.request.resend_count'] === 1;

/** Its one pod has answered a first request, which is not told any more. */
const openWarm = async (options: TracedOptions = {}) => {
  const traced = await openTraced(options);
  const pod = await startPod();
  const first = ask(traced.port, '/first');
  await traced.waiting(1);
  await traced.pod(pod.port);
  await traced.ready();
  await first.status;
  await traced.told('pod ready');
  const before = traced.spans.length;
  return { traced, pod, before };
};

describe('an ordinary request', () => {
  test('whose client keeps its spans is told, and its pod goes on from the way to it', async () => {
    const { traced, pod } = await openWarm();
    expect(await ask(traced.port, '/paid?card=1', stating('01')).status).toBe(200);
    const [, request] = await traced.told('received', 2);
    expect(request).toMatchObject({
      traceId,
      parentSpanId: clientSpanId,
      kind: 'server',
      links: [],
    });
    expect(request?.attributes).toMatchObject({ 'url.path': '/paid', 'flyball.pod': 'web-1' });
    const [way] = ofKind(traced, 'client');
    expect(way).toMatchObject({ traceId, parentSpanId: request?.spanId, error: null });
    expect(way?.attributes).toMatchObject({
      'server.address': '127.0.0.1',
      'server.port': pod.port,
      'http.response.status_code': 200,
    });
    expect(pod.seen[1]?.traceparent).toBe(`00-${traceId}-${way?.spanId}-01`);
    expect(way?.startMs).toBeGreaterThanOrEqual(request?.startMs ?? Number.NaN);
    expect(way?.endMs).toBeLessThanOrEqual(request?.endMs ?? Number.NaN);
    // It never waited.
    expect(traced.spans.filter(({ name }) => name === 'held')).toHaveLength(1);
  });

  test.each([
    ['says nothing', {}],
    ['does not keep its spans', stating('00')],
    ['says what means nothing', { traceparent: `00-${'0'.repeat(32)}-${clientSpanId}-01` }],
    ['says too little', { traceparent: '01' }],
  ])('whose client %s is not told, and what it said goes on', async (_, headers) => {
    const { traced, pod, before } = await openWarm();
    expect(await ask(traced.port, '/', headers).status).toBe(200);
    expect(traced.spans).toHaveLength(before);
    const { traceparent }: { readonly traceparent?: string } = headers;
    expect(pod.seen[1]?.traceparent).toBe(traceparent);
  });

  test('is told by the ratio, in a trace of its own', async () => {
    const { traced, pod } = await openWarm({ ratio: 0.6 });
    expect(await askHttp2(traced.port, '/').status).toBe(200);
    const [, request] = await traced.told('received', 2);
    expect(request).toMatchObject({ parentSpanId: null, kind: 'server' });
    const given = contextFrom(String(pod.seen[1]?.traceparent));
    expect(given).toMatchObject({ traceId: request?.traceId, isSampled: true });
    expect(given?.spanId).toBe(ofKind(traced, 'client')[0]?.spanId);
  });

  test('that waited is told so, with whom, and is not the one that was followed', async () => {
    const traced = await openTraced({ ratio: 1 });
    const pod = await startPod();
    const asked = [ask(traced.port, '/first')];
    await traced.waiting(1);
    asked.push(ask(traced.port, '/second'));
    await traced.waiting(2);
    await traced.pod(pod.port);
    expect(await Promise.all(asked.map(({ status }) => status))).toEqual([200, 200]);
    const requests = await traced.told('received', 2);
    const [first, second] = ['/first', '/second'].map((path) =>
      requests.find(({ attributes }) => attributes['url.path'] === path),
    );
    expect(second?.links).toMatchObject([
      {
        traceId: first?.traceId,
        spanId: first?.spanId,
        attributes: { 'flyball.link': 'held with' },
      },
    ]);
    expect(first?.traceId).not.toBe(second?.traceId);
    const held = (await traced.told('held', 2)).find((span) => span.traceId === second?.traceId);
    expect(held).toMatchObject({ parentSpanId: second?.spanId, startMs: second?.startMs });
    const [way, ...more] = ofKind(traced, 'client');
    expect(more).toEqual([]);
    expect(way).toMatchObject({ traceId: second?.traceId, startMs: held?.endMs });
  });

  test('for which there was no room is told with why', async () => {
    const traced = await openTraced({ ratio: 1, heldPerWorkloadMax: 1 });
    const first = ask(traced.port, '/first');
    await traced.waiting(1);
    expect(await ask(traced.port, '/second').status).toBe(503);
    const [shed] = await traced.told('received');
    expect(shed?.error).toMatch(/could not wait for a pod/);
    expect(shed?.attributes).toMatchObject({
      'url.path': '/second',
      'http.response.status_code': 503,
    });
    first.leave();
    await traced.told('received', 2);
  });

  test('that a pod did not take is told once for each way', async () => {
    const { traced, pod } = await openWarm({ ratio: 1 });
    const other = await startPod();
    await traced.pod(other.port, { name: 'web-2' });
    while (other.seen.length === 0) await ask(traced.port, '/warm').status;
    await pod.stop();
    const resent = () => ofKind(traced, 'client').filter(isResent);
    while (resent().length === 0) expect(await ask(traced.port, '/again').status).toBe(200);
    const again = resent()[0];
    const spans = traced.spans.filter(({ traceId: of }) => of === again?.traceId);
    const [vain] = spans.filter(
      ({ kind, spanId }) => kind === 'client' && spanId !== again?.spanId,
    );
    expect(vain).toMatchObject({ error: 'the pod did not take it' });
    expect(vain?.attributes).toMatchObject({ 'flyball.pod': 'web-1', 'server.port': pod.port });
    expect(again).toMatchObject({ error: null, parentSpanId: vain?.parentSpanId });
    expect(again?.attributes).toMatchObject({ 'flyball.pod': 'web-2' });
    expect(other.seen.at(-1)?.traceparent).toContain(again?.spanId);
  });
});

test('a method that nobody knows is not a name, and a pod that fails is an error', async () => {
  const traced = await openTraced({ ratio: 1 });
  const pod = await startPod((response) => void response.writeHead(500).end());
  const first = ask(traced.port, '/');
  await traced.waiting(1);
  await traced.pod(pod.port);
  expect(await first.status).toBe(500);
  expect(await ask(traced.port, '/', {}, 'PROPFIND').status).toBe(500);
  const [cold, ordinary] = await traced.told('received', 2);
  expect([cold?.name, cold?.error]).toEqual(['GET', 'answered 500']);
  expect([ordinary?.name, ordinary?.error]).toEqual(['_OTHER', 'answered 500']);
  const [way] = traced.spans.filter(({ kind, name }) => kind === 'client' && name === '_OTHER');
  expect(way?.error).toBe('answered 500');
});
