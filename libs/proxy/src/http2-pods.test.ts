/** Pods that speak HTTP/2: what they get, say, refuse and break off, to clients of both kinds. */

import { constants } from 'node:http2';
import { describe, expect, test } from 'vitest';
import {
  echoStream,
  http2Ask,
  http2Session,
  pairsOf,
  startHttp2Gate,
  startHttp2Pod,
} from './http2-fixture.ts';
import { ask, freePort, rawClient, until } from './loopback-fixture.ts';

describe('a pod of HTTP/2', () => {
  test('gets the host as :authority, and says its trailers to both kinds of clients', async () => {
    const pod = await startHttp2Pod((stream) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '3' }));
      stream.pipe(stream);
    });
    const { port } = await startHttp2Gate([pod.port]);
    const headers = { ':method': 'POST', ':path': '/', ':authority': 'a.test' };
    const modern = await http2Ask(http2Session(port), headers, 'abc');
    expect([modern.body.toString(), modern.trailers['x-sum']]).toEqual(['abc', '3']);
    const old = await ask(port, '/x', {
      method: 'POST',
      headers: { host: 'b.test', connection: 'x-own', 'x-own': '1', 'X-Kept': '2' },
      body: ['ab', 'cd'],
    });
    expect([old.body.toString(), old.trailers['x-sum']]).toEqual(['abcd', '3']);
    expect(pairsOf(pod.seen[0] ?? [])).toMatchObject({ ':authority': 'a.test', te: 'trailers' });
    const second = pairsOf(pod.seen[1] ?? []);
    expect(second).toMatchObject({ ':authority': 'b.test', ':path': '/x', 'x-kept': '2' });
    expect(second).not.toHaveProperty('x-own');
    expect(pod.sessions).toHaveLength(1);
  });

  test('its Early Hints reach clients of both kinds', async () => {
    const pod = await startHttp2Pod((stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>; rel=preload', 'x-kept': '1' });
      stream.respond({ ':status': 200 });
      stream.end('hinted');
    });
    const { port } = await startHttp2Gate([pod.port]);
    const { socket, seen } = await rawClient(port);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('the answer', () => seen.text.includes('hinted'));
    expect(seen.text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n/);
    expect(seen.text).not.toContain(':status');
    const interim: unknown[] = [];
    const stream = http2Session(port).request({ ':path': '/' });
    stream.on('headers', (headers) => interim.push(headers.link, headers['x-kept']));
    await new Promise((resolve) => stream.resume().once('close', resolve));
    expect(interim).toEqual(['</a.css>; rel=preload', '1']);
  });

  test('gets the trailers of a request, and no body that broke off as a whole one', async () => {
    const ends: string[] = [];
    const pod = await startHttp2Pod((stream) => {
      stream.on('trailers', (trailers) => ends.push(`trailers ${trailers['x-sum']}`));
      stream.on('aborted', () => ends.push('aborted'));
      stream.resume().on('end', () => {
        if (stream.aborted) return;
        ends.push('whole');
        stream.respond({ ':status': 200 });
        stream.end();
      });
    });
    const { port } = await startHttp2Gate([pod.port]);
    const session = http2Session(port);
    const open = { waitForTrailers: true, endStream: false };
    const whole = session.request({ ':method': 'POST', ':path': '/' }, open);
    whole.on('wantTrailers', () => whole.sendTrailers({ 'x-sum': '3' }));
    whole.resume().end('abc');
    await until('it is whole', () => ends.length === 2);
    const broken = session.request({ ':method': 'POST', ':path': '/' }, open);
    broken.on('error', () => undefined);
    broken.write('abc');
    await until('it arrives', () => pod.seen.length === 2);
    broken.close(constants.NGHTTP2_CANCEL);
    await until('it is broken off', () => ends.length === 3);
    const { socket } = await rawClient(port);
    const chunked = 'Transfer-Encoding: chunked';
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${chunked}\r\n\r\n3\r\nabc\r\n`);
    await until('it arrives', () => pod.seen.length === 3);
    socket.destroy();
    await until('it is broken off', () => ends.length === 4);
    expect(ends).toEqual(['trailers 3', 'whole', 'aborted', 'aborted']);
  });

  test('takes as many at once as it allows on a connection; more get another one', async () => {
    let open = 0;
    const streams: (() => void)[] = [];
    const pod = await startHttp2Pod(
      (stream) => {
        open += 1;
        streams.push(() => {
          stream.respond({ ':status': 200 });
          stream.end('x');
        });
      },
      { settings: { maxConcurrentStreams: 4 } },
    );
    const { port } = await startHttp2Gate([pod.port]);
    const session = http2Session(port);
    const first = http2Ask(session, { ':path': '/' });
    await until('the first', () => open === 1);
    const rest = Array.from({ length: 9 }, () => http2Ask(session, { ':path': '/' }));
    await until('all', () => open === 10);
    expect(pod.sessions.length).toBeGreaterThanOrEqual(3);
    for (const finish of streams) finish();
    for (const { status } of await Promise.all([first, ...rest])) expect(status).toBe(200);
  });

  test('its refused stream goes to another pod, or back to the client as it is', async () => {
    const refusing = await startHttp2Pod((stream) =>
      stream.close(constants.NGHTTP2_REFUSED_STREAM),
    );
    const serving = await startHttp2Pod(echoStream);
    const both = await startHttp2Gate([refusing.port, serving.port]);
    const session = http2Session(both.port);
    for (let n = 0; n < 4; n += 1) {
      expect((await http2Ask(session, { ':path': '/' })).status).toBe(200);
    }
    expect(refusing.seen.length).toBeGreaterThan(0);
    const alone = await startHttp2Gate([refusing.port]);
    const reset = await http2Ask(http2Session(alone.port), { ':path': '/' });
    expect([reset.status, reset.resetCode]).toEqual([0, constants.NGHTTP2_REFUSED_STREAM]);
    expect((await ask(alone.port, '/')).status).toBe(502);
    expect(alone.ends).toEqual(['502 podFailed', '502 podFailed']);
  });

  test('its reset in the middle reaches a client of HTTP/2 as that, HTTP/1.1 is cut', async () => {
    const pod = await startHttp2Pod((stream) => {
      // Without trailers to wait for, node would end the stream well before it resets it.
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.write('begun', () => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM));
    });
    const { port, ends } = await startHttp2Gate([pod.port]);
    const answer = await http2Ask(http2Session(port), { ':path': '/' });
    expect(answer.resetCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await expect(ask(port, '/')).rejects.toThrow(/aborted|hang up/);
    expect(ends).toEqual(['200 podFailed', '200 podFailed']);
  });

  test('its GOAWAY ends nothing that runs; what comes next gets a new connection', async () => {
    const finish: (() => void)[] = [];
    const pod = await startHttp2Pod((stream) => {
      finish.push(() => {
        stream.respond({ ':status': 200 });
        stream.end('x');
      });
    });
    const { port } = await startHttp2Gate([pod.port]);
    const session = http2Session(port);
    const first = http2Ask(session, { ':path': '/' });
    await until('it runs', () => finish.length === 1);
    pod.sessions[0]?.close();
    const ended = new Promise((resolve) => pod.sessions[0]?.once('close', resolve));
    finish[0]?.();
    expect((await first).status).toBe(200);
    await ended;
    const second = http2Ask(session, { ':path': '/' });
    await until('it runs', () => finish.length === 2);
    finish[1]?.();
    expect((await second).status).toBe(200);
    expect(pod.sessions).toHaveLength(2);
  });

  test('a connection that it closed while idle costs nobody an answer', async () => {
    const pod = await startHttp2Pod(echoStream);
    const { port } = await startHttp2Gate([pod.port]);
    for (let n = 0; n < 10; n += 1) {
      expect((await ask(port, '/')).status).toBe(200);
      for (const one of pod.sessions) one.destroy();
    }
  });

  test('idle connections are closed, and with the pod all of them', async () => {
    const pod = await startHttp2Pod(echoStream);
    const balancer = { connections: { podKeepAliveMs: 50 } };
    const { port, pods } = await startHttp2Gate([pod.port], { balancer });
    await ask(port, '/');
    await until('it is closed', () => pod.sessions.every(({ destroyed }) => destroyed));
    await ask(port, '/');
    expect(pod.sessions).toHaveLength(2);
    pods.remove('h2c-0');
    await until('all are closed', () => pod.sessions.every(({ destroyed }) => destroyed));
  });

  test('one that refuses connections is probed until it accepts; requests wait', async () => {
    const port = await freePort();
    const gate = await startHttp2Gate([port], { holding: {} });
    const waiting = ask(gate.port, '/');
    await until('it is held', () => gate.holding?.ledger.waiting === 1);
    await startHttp2Pod(echoStream, { port });
    expect((await waiting).status).toBe(200);
  });
});
