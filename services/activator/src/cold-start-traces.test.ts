/** A cold start's part of its trace, told by a real activator before real pods. */
import { startTalk, talkClient } from '@flyball/proxy/testing';
import { attributeNames, contextFrom, type FinishedSpan, spanIdOf } from '@flyball/telemetry';
import { describe, expect, test } from 'vitest';
import { ask, askHttp2, startHttp2Pod, startPod } from './testing/http-ends.ts';
import { eventually, openTraced, type Traced, workload } from './testing/traced-activator.ts';

const traceId = '1'.repeat(32);
const clientSpanId = '2'.repeat(16);
const traceparent = `00-${traceId}-${clientSpanId}-00`;

const only = (spans: readonly FinishedSpan[]): FinishedSpan => {
  expect(spans).toHaveLength(1);
  return spans[0] as FinishedSpan;
};

/** Decides and applies as the stages would, for the request that waits. */
const scale = async (traced: Traced): Promise<string> => {
  const own = traced.upstream()?.coldStart?.stated.traceparent;
  const { id } = await traced.decide(1, own);
  return (await traced.apply(id, own)).id;
};

describe('a cold start', () => {
  test('is one story: the request, its parts and its pod, at the times of its event', async () => {
    const traced = await openTraced();
    const pod = await startPod();
    const asked = ask(traced.port, '/cart?secret=1', { traceparent, tracestate: 'a=b' });
    const sample = only(await traced.told('sample'));
    const appliedId = await scale(traced);
    await traced.pod(null);
    await traced.pod(pod.port);
    expect(await asked.status).toBe(200);
    await traced.ready();
    await traced.told('pod ready');
    const [completed] = await eventually(() => {
      const found = traced.eventsOf('ColdStartCompleted');
      expect(found).toHaveLength(1);
      return found;
    });
    const request = only(await traced.told('received'));
    expect(request).toMatchObject({ traceId, parentSpanId: clientSpanId, name: 'GET' });
    expect(request.spanId).not.toBe(clientSpanId);
    expect(request).toMatchObject({ kind: 'server', error: null, links: [] });
    expect(request.attributes).toMatchObject({
      'http.request.method': 'GET',
      'url.path': '/cart',
      'server.address': 'web.default.example.com',
      'network.protocol.version': '1.1',
      'http.response.status_code': 200,
      [attributeNames.workload]: workload,
      [attributeNames.eventId]: completed?.id,
    });
    const told = `00-${traceId}-${request.spanId}-01`;
    expect(pod.seen[0]).toMatchObject({ traceparent: told, tracestate: 'a=b' });
    expect(completed?.traceparent).toBe(told);
    const moments = completed?.data;
    expect([request.startMs, request.endMs]).toEqual([
      moments?.receivedAtMs,
      moments?.lastByteAtMs,
    ]);
    expect(sample).toMatchObject({ traceId, parentSpanId: request.spanId, kind: 'producer' });
    expect(sample.startMs).toBe(moments?.sampledAtMs);
    for (const phase of ['held', 'connect', 'first byte', 'last byte']) {
      const part = only(await traced.told(phase));
      expect(part).toMatchObject({ traceId, parentSpanId: request.spanId });
    }
    for (const phase of ['pod created', 'pod started', 'pod ready']) {
      const part = only(await traced.told(phase));
      expect(part).toMatchObject({ traceId, parentSpanId: spanIdOf(appliedId) });
    }
    expect(JSON.stringify(traced.spans)).not.toContain('secret');
  });

  test('of a client without a context begins a trace of its own', async () => {
    const traced = await openTraced();
    const pod = await startPod();
    const asked = ask(traced.port, '/');
    await traced.waiting(1);
    await traced.pod(pod.port);
    expect(await asked.status).toBe(200);
    const request = only(await traced.told('received'));
    expect(request.parentSpanId).toBeNull();
    expect(pod.seen[0]?.traceparent).toBe(`00-${request.traceId}-${request.spanId}-01`);
    // Nobody decided in this trace: the pod's spans lie below the request.
    expect(only(await traced.told('pod started')).parentSpanId).toBe(request.spanId);
  });

  test('below a decision of another trace does not continue that one', async () => {
    const traced = await openTraced();
    const pod = await startPod();
    const asked = ask(traced.port, '/', { traceparent });
    await traced.waiting(1);
    await traced.apply((await traced.decide(1)).id);
    await traced.pod(pod.port);
    expect(await asked.status).toBe(200);
    const request = only(await traced.told('received'));
    const started = only(await traced.told('pod started'));
    expect(started).toMatchObject({ traceId, parentSpanId: request.spanId });
  });

  test('over HTTP/2, gRPC and an upgrade is told alike', async () => {
    const overHttp2 = await openTraced();
    const [http2Pod, talk, pod] = [await startHttp2Pod(), await startTalk(), await startPod()];
    const asked = askHttp2(overHttp2.port, '/two?q', { traceparent });
    await overHttp2.waiting(1);
    await overHttp2.pod(http2Pod.port, { protocol: 'h2c' });
    expect(await asked.status).toBe(200);
    const two = only(await overHttp2.told('received'));
    expect(two.attributes).toMatchObject({ 'network.protocol.version': '2', 'url.path': '/two' });
    expect(http2Pod.seen[0]?.traceparent).toBe(`00-${traceId}-${two.spanId}-01`);

    const overGrpc = await openTraced();
    const authority = { 'grpc.default_authority': 'web.default.example.com' };
    const said = talkClient(overGrpc.port, authority).say('hello');
    await overGrpc.waiting(1);
    await overGrpc.pod(talk.port);
    expect(await said).toBe('hello!');
    const call = only(await overGrpc.told('received'));
    expect(call).toMatchObject({ name: 'POST', attributes: { 'url.path': '/test.Talk/Say' } });

    const upgraded = await openTraced();
    const joined = ask(upgraded.port, '/', { connection: 'upgrade', upgrade: 'echo', traceparent });
    await upgraded.waiting(1);
    await upgraded.pod(pod.port);
    expect(await joined.status).toBe(101);
    const switched = only(await upgraded.told('received'));
    expect(switched.attributes['http.response.status_code']).toBe(101);
    expect(pod.seen[0]?.traceparent).toBe(`00-${traceId}-${switched.spanId}-01`);
  });

  test('calls for its workload below its request, once that is stored', async () => {
    const traced = await openTraced();
    const asked = ask(traced.port, '/', { traceparent });
    const wake = await eventually(() => only(traced.spans.filter(({ name }) => name === 'wake')));
    const [event] = traced.eventsOf('WakeRequested');
    expect(wake.spanId).toBe(spanIdOf(event?.id ?? ''));
    asked.leave();
    expect(wake).toMatchObject({
      traceId,
      parentSpanId: only(await traced.told('received')).spanId,
    });
  });
});

describe('a cold start that ends badly', () => {
  test('no pod in time: the request is told with why, and how far its pod came', async () => {
    const traced = await openTraced({ holdMsMax: 300 });
    const asked = ask(traced.port, '/', { traceparent });
    await traced.waiting(1);
    const appliedId = await scale(traced);
    await traced.pod(null);
    expect(await asked.status).toBe(504);
    const request = only(await traced.told('received'));
    expect(request).toMatchObject({ traceId, error: 'no pod could take it in time' });
    expect(request.attributes['http.response.status_code']).toBe(504);
    expect(only(await traced.told('held')).endMs).toBe(request.endMs);
    expect(only(await traced.told('pod created')).parentSpanId).toBe(spanIdOf(appliedId));
    expect(traced.spans.some(({ name }) => name === 'connect')).toBe(false);
    expect(traced.eventsOf('ColdStartCompleted')).toEqual([]);
  });

  test('its pod broke off: told with that', async () => {
    const traced = await openTraced();
    const pod = await startPod((response) => void response.destroy());
    const asked = ask(traced.port, '/', { traceparent });
    await traced.waiting(1);
    await traced.pod(pod.port);
    expect(await asked.status).toBe(502);
    expect(only(await traced.told('received')).error).toBe('its pod did not answer properly');
    await traced.told('connect');
  });

  test('nobody else waits when its client leaves: told as far as it came', async () => {
    const traced = await openTraced();
    const asked = ask(traced.port, '/', { traceparent });
    await traced.waiting(1);
    asked.leave();
    const request = only(await traced.told('received'));
    expect(request.error).toBe('the client left before it was answered');
    expect(request.attributes).not.toHaveProperty('http.response.status_code');
  });

  test('one that waited goes on in its trace, and links to its own client', async () => {
    const traced = await openTraced();
    const pod = await startPod();
    const first = ask(traced.port, '/first', { traceparent });
    await traced.waiting(1);
    const other = { traceId: '3'.repeat(32), spanId: '4'.repeat(16) };
    const second = ask(traced.port, '/second', {
      traceparent: `00-${other.traceId}-${other.spanId}-01`,
    });
    await traced.waiting(2);
    first.leave();
    await traced.waiting(1);
    await traced.pod(pod.port);
    expect(await second.status).toBe(200);
    const [left, followed] = await traced.told('received', 2);
    expect(left).toMatchObject({ traceId, parentSpanId: clientSpanId });
    expect(left?.error).toBe('the client left before it was answered');
    expect(followed).toMatchObject({ traceId, parentSpanId: left?.spanId, error: null });
    expect(followed?.attributes['url.path']).toBe('/second');
    expect(followed?.links).toMatchObject([
      { ...other, attributes: { 'flyball.link': 'asked by' } },
    ]);
    expect(pod.seen[0]?.traceparent).toBe(`00-${traceId}-${followed?.spanId}-01`);
    const [completed] = await eventually(() => {
      expect(traced.eventsOf('ColdStartCompleted')).toHaveLength(1);
      return traced.eventsOf('ColdStartCompleted');
    });
    expect(contextFrom(completed?.traceparent ?? '')?.spanId).toBe(followed?.spanId);
    expect(traced.spans.filter(({ kind }) => kind === 'server')).toHaveLength(2);
  });
});

describe('a pod that comes while the followed client leaves', () => {
  test.each(['before', 'after'])('is told once, and whole, to who came %s it', async (when) => {
    const traced = await openTraced();
    const pod = await startPod();
    const first = ask(traced.port, '/first', { traceparent });
    await traced.waiting(1);
    const second = async () => {
      const asked = ask(traced.port, '/second');
      await traced.waiting(2);
      return asked;
    };
    const early = when === 'before' ? await second() : null;
    const appliedId = await scale(traced);
    await traced.pod(null);
    await traced.seesPod();
    const waits = early ?? (await second());
    first.leave();
    await traced.told('received');
    await traced.pod(pod.port);
    expect(await waits.status).toBe(200);
    await traced.ready();
    await traced.told('received', 2);
    for (const phase of ['pod ready', 'pod started', 'pod created']) {
      const part = only(await traced.told(phase));
      expect(part).toMatchObject({ traceId, parentSpanId: spanIdOf(appliedId) });
    }
  });
});

describe('with nobody who listens', () => {
  test("nothing is told, and a client's own context reaches the pod as it came", async () => {
    const traced = await openTraced({ isOn: false, ratio: 1 });
    const pod = await startPod();
    const asked = ask(traced.port, '/', { traceparent });
    await traced.waiting(1);
    await traced.pod(pod.port);
    expect(await asked.status).toBe(200);
    expect(pod.seen[0]?.traceparent).toBe(traceparent);
    expect(traced.spans).toEqual([]);
    const [completed] = await eventually(() => {
      expect(traced.eventsOf('ColdStartCompleted')).toHaveLength(1);
      return traced.eventsOf('ColdStartCompleted');
    });
    // Whoever reads the history can tell two requests of one client apart.
    expect(completed?.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    expect(completed?.traceparent).not.toContain(clientSpanId);
  });
});
