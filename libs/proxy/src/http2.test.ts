/** HTTP/2 by prior knowledge on the same port, in front of pods of HTTP/1.1. */

import { describe, expect, test } from 'vitest';
import { http2Ask, http2Session, pairsOf } from './http2-fixture.ts';
import { freePort, pause, rawClient, startGate, startPod, until } from './loopback-fixture.ts';
import {
  endHeaders,
  endStream,
  frame,
  frameTypes,
  headerBlock,
  opening,
} from './testing/http2-frames.ts';

describe('a client of HTTP/2 before a pod of HTTP/1.1', () => {
  test('headers, body and trailers go both ways', async () => {
    let raw: string[] = [];
    const pod = await startPod((request, response) => {
      raw = request.rawHeaders;
      response.writeHead(201, { trailer: 'x-sum', 'set-cookie': ['a=1', 'b=2'] });
      request.on('data', (chunk: Buffer) => response.write(chunk.toString().toUpperCase()));
      request.on('end', () => {
        response.addTrailers({ 'x-sum': '3' });
        response.end();
      });
    });
    const { port, ends } = await startGate({
      ports: [pod.port],
      server: { markHeader: 'x-mark', setMark: true },
    });
    const session = http2Session(port);
    const lines = [':method', 'POST', ':path', '/a?b=c', ':authority', 'shop.test:8080'];
    const more = ['cookie', 'k=1', 'cookie', 'l=2', 'x-mark', 'forged', 'te', 'trailers'];
    const answer = await http2Ask(session, [...lines, ...more], 'abc');
    expect(answer).toMatchObject({
      status: 201,
      headers: { 'set-cookie': ['a=1', 'b=2'] },
      trailers: { 'x-sum': '3' },
      resetCode: 0,
    });
    expect(answer.body.toString()).toBe('ABC');
    expect(pairsOf(raw)).toMatchObject({
      host: 'shop.test:8080',
      cookie: 'k=1; l=2',
      'x-mark': '1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'shop.test:8080',
      'transfer-encoding': 'chunked',
    });
    expect(raw).not.toContain('te');
    expect(ends).toEqual(['201 answered']);
  });

  test('responses without a body end at once, and interim ones come first', async () => {
    const pod = await startPod((request, response) => {
      if (request.url === '/hints') response.writeEarlyHints({ link: '</a.css>; rel=preload' });
      response.writeHead(request.url === '/none' ? 204 : 200, { 'x-a': 'b' }).end();
    });
    const { port } = await startGate({ ports: [pod.port] });
    const session = http2Session(port);
    const none = await http2Ask(session, { ':path': '/none' });
    expect([none.status, none.body.length, none.resetCode]).toEqual([204, 0, 0]);
    const head = await http2Ask(session, { ':path': '/', ':method': 'HEAD' });
    expect([head.status, head.headers['x-a'], head.resetCode]).toEqual([200, 'b', 0]);
    const hinted = session.request({ ':path': '/hints' });
    const interim: unknown[] = [];
    hinted.on('headers', (headers) => interim.push(headers[':status'], headers.link));
    await new Promise((resolve) => hinted.resume().once('close', resolve));
    expect(interim).toEqual([103, '</a.css>; rel=preload']);
  });

  test('a hundred at once on one connection, each with its own answer', async () => {
    const pod = await startPod((request, response) => response.end(request.url));
    const { port, pods } = await startGate({ ports: [pod.port] });
    const session = http2Session(port);
    const paths = Array.from({ length: 100 }, (_, at) => `/${at}`);
    const answers = await Promise.all(paths.map((path) => http2Ask(session, { ':path': path })));
    expect(answers.map(({ body }) => body.toString())).toEqual(paths);
    expect(pods.inFlight).toBe(0);
  });

  test('Expect: 100-continue is answered when a pod has it', async () => {
    const podPort = await freePort();
    const gate = await startGate({ ports: [podPort], probe: true, holding: {} });
    const stream = http2Session(gate.port).request(
      { ':method': 'POST', ':path': '/', expect: '100-continue' },
      { endStream: false },
    );
    let continued = false;
    stream.on('continue', () => {
      continued = true;
      stream.end('body');
    });
    let body = '';
    stream.on('data', (chunk) => {
      body += chunk;
    });
    await until('it is held', () => gate.holding?.ledger.waiting === 1);
    expect(continued).toBe(false);
    await startPod((request, response) => request.pipe(response), podPort);
    await until('the echo', () => body === 'body');
  });
});

test('a client that ends its connection in the middle of a held body is gone', async () => {
  const { port, holding, server } = await startGate({ holding: {} });
  const { socket } = await rawClient(port);
  const lines: [string, string][] = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'a'],
  ];
  const head = frame(frameTypes.headers, endHeaders, 1, headerBlock(lines));
  const body = frame(frameTypes.data, 0, 1, Buffer.from('half of it'));
  socket.write(Buffer.concat([opening(), head, body]));
  await until('it is held', () => holding?.ledger.waiting === 1);
  socket.end();
  await until('it is abandoned', () => holding?.ledger.abandoned === 1);
  expect(server.inFlight).toBe(0);
});

describe('the first bytes', () => {
  test('a preface that comes byte by byte is one', async () => {
    const { port } = await startGate({});
    const { socket, seen } = await rawClient(port);
    socket.setNoDelay(true);
    for (const byte of opening()) {
      socket.write(Buffer.of(byte));
      await pause(1);
    }
    const block = headerBlock([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'a'],
    ]);
    socket.write(frame(frameTypes.headers, endStream | endHeaders, 1, block));
    await until('it is answered', () => seen.text.includes('not served: no pod has room'));
  });

  test('one that breaks off, or never comes, is answered 408', async () => {
    const { port } = await startGate({ server: { limits: { headersTimeoutMs: 100 } } });
    const broken = await rawClient(port);
    broken.socket.write('PRI * HTTP/2.0\r\n');
    await until('it takes too long', () => broken.seen.closed);
    expect(broken.seen.text).toMatch(/^HTTP\/1\.1 408 /);
    const silent = await rawClient(port);
    await until('it takes too long', () => silent.seen.closed);
    expect(silent.seen.text).toMatch(/^HTTP\/1\.1 408 /);
  });
});
