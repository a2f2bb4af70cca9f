/** What node throws inside its own callbacks, where nobody would catch it: nothing of it is let. */

import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { http2Ask, http2Session, startHttp2Gate, startHttp2Pod } from './http2-fixture.ts';
import {
  ask,
  pause,
  rawClient,
  sendRaw,
  startGate,
  startPod,
  startTcp,
  until,
} from './loopback-fixture.ts';
import {
  endHeaders,
  endStream,
  frame,
  frameTypes,
  headerBlock,
  opening,
} from './testing/http2-frames.ts';

type Lines = readonly (readonly [string, string])[];

/** A client of frames, which ends with its test. */
const framesTo = async (port: number, frames: readonly Buffer[]) => {
  const { socket } = await rawClient(port);
  socket.write(Buffer.concat([opening(), ...frames]));
  return socket;
};

const grpcHead: Lines = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/t'],
  [':authority', 'a'],
  ['content-type', 'application/grpc'],
];

describe('an upgrade or a CONNECT behind a request that has no answer yet', () => {
  const get = 'GET /first HTTP/1.1\r\nHost: a\r\n\r\n';
  const upgrade =
    'GET /second HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

  test('the upgrade is an ordinary request, answered in its turn', async () => {
    const pod = await startPod((request, response) => {
      setTimeout(() => response.end(`${request.url} ${request.headers.upgrade}`), 20);
    });
    const { port, server, ends } = await startGate({ ports: [pod.port] });
    const { socket, seen } = await rawClient(port);
    socket.write(get + upgrade);
    await until('both answers', () => seen.text.includes('/second undefined'));
    expect(seen.text.indexOf('/first')).toBeLessThan(seen.text.indexOf('/second'));
    expect(server.inFlight).toBe(0);
    expect(ends).toEqual(['200 answered', '200 answered']);
  });

  test.each([
    ['at once', 0],
    ['in two, inside its head', 5],
    ['in two, before its body', -1],
  ])('nothing behind a declined one is read from its middle: %s', async (_how, at) => {
    const seenByPod: string[] = [];
    const pod = await startPod((request, response) => {
      seenByPod.push(request.url ?? '');
      request.resume();
      response.end('served');
    });
    const { port, server } = await startGate({ ports: [pod.port] });
    const { socket, seen } = await rawClient(port);
    const declined = upgrade.replace('websocket', 'h2c').replace('/second', '/declined');
    const inBody = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    const post = `POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: ${inBody.length}\r\n\r\n${inBody}`;
    const bytes = declined + post;
    const cut = at < 0 ? bytes.length - inBody.length : at;
    socket.write(bytes.slice(0, cut));
    await pause(10);
    socket.write(bytes.slice(cut));
    await until('the connection is closed', () => seen.closed);
    expect(seen.text).toMatch(/^HTTP\/1\.1 200 OK.*Connection: close/s);
    expect(seenByPod).toEqual(['/declined']);
    expect(server.inFlight).toBe(0);
  });

  test.each([
    ['of a length', 'POST', 'h2c', 'Content-Length: 5', 'hello'],
    ['in chunks', 'POST', 'h2c', 'Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
    ['of a length, to websocket', 'PUT', 'websocket', 'Content-Length: 5', 'hello'],
  ])('nor is anything behind the body of one: %s', async (_how, method, to, framing, body) => {
    const seenByPod: string[] = [];
    const pod = await startPod((request, response) => {
      request.setEncoding('latin1').on('data', (text) => seenByPod.push(text));
      request.once('end', () => seenByPod.push(request.url ?? ''));
      request.once('end', () => response.end('served'));
    });
    const { port, server } = await startGate({ ports: [pod.port] });
    const lines = `Host: a\r\nConnection: Upgrade\r\nUpgrade: ${to}\r\n${framing}\r\n\r\n`;
    const head = `${method} /declined HTTP/1.1\r\n${lines}`;
    const inBody = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    const post = `POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: ${inBody.length}\r\n\r\n`;
    for (const pieces of [
      [head + body + post, inBody],
      [head, body + post, inBody],
      [head + body + get],
    ]) {
      seenByPod.length = 0;
      const { socket, seen } = await rawClient(port);
      for (const piece of pieces) {
        socket.write(piece);
        await pause(10);
      }
      await until('the connection is closed', () => seen.closed);
      expect(seen.text).toMatch(/^HTTP\/1\.1 200 OK.*Connection: close/s);
      expect(seenByPod).toEqual(['hello', '/declined']);
    }
    expect(server.inFlight).toBe(0);
  });

  test('nor is anything behind one whose Expect is refused', async () => {
    const { port } = await startGate({ ports: [] });
    const { socket, seen } = await rawClient(port);
    const odd = upgrade.replace('websocket', 'h2c\r\nExpect: odd');
    socket.write(odd + get);
    await until('the connection is closed', () => seen.closed);
    expect(seen.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 417']);
  });

  test('a declined upgrade with nothing behind it keeps its connection', async () => {
    const pod = await startPod((request, response) => response.end(request.url));
    const { port } = await startGate({ ports: [pod.port] });
    const { socket, seen } = await rawClient(port);
    for (const path of ['/one', '/two', '/three']) {
      socket.write(upgrade.replace('websocket', 'h2c').replace('/second', path));
      await until('the answer', () => seen.text.endsWith(path));
    }
    expect(seen.text).not.toContain('Connection: close');
  });

  test('the CONNECT ends the connection, and no answer is put into another', async () => {
    const pod = await startPod(() => undefined);
    const { port, server, ends } = await startGate({ ports: [pod.port] });
    const text = await sendRaw(port, `${get}CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(text).toBe('');
    await until('the first is given up', () => server.inFlight === 0);
    expect(ends).toEqual(['499 abandoned']);
  });

  test.each([
    ['leaves', ''],
    ['says CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('of who %s behind several, those that wait are never begun', async (_what, bytes) => {
    const seenByPod: string[] = [];
    const pod = await startPod((request) => void seenByPod.push(request.url ?? ''));
    const { port, server, ends } = await startGate({ ports: [pod.port] });
    const { socket, seen } = await rawClient(port);
    socket.write(get + get.replace('first', 'second').repeat(2) + bytes);
    if (bytes === '') {
      await until('the first is there', () => seenByPod.length === 1);
      socket.end();
    }
    await until('the first is given up', () => seen.closed && server.inFlight === 0);
    await pause(20);
    expect(ends).toEqual(['499 abandoned']);
    expect(seenByPod.filter((url) => url !== '/first')).toEqual([]);
  });
});

describe('a client that breaks its connection while it is told a refusal', () => {
  test.each([
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['slow first bytes', 'PRI * HT'],
  ])('%s', async (_what, bytes) => {
    const limits = { headersTimeoutMs: 500 };
    const { port } = await startGate({ server: { limits } });
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    const told: string[] = [];
    socket.on('error', () => undefined).on('data', (some) => told.push(String(some)));
    socket.write(bytes);
    await until('it is told', () => told.length > 0);
    const uncaught: unknown[] = [];
    const catching = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', catching);
    onTestFinished(() => void process.off('uncaughtException', catching));
    socket.resetAndDestroy();
    await pause(20);
    expect((await ask(port, '/')).status).toBe(503);
    expect(uncaught).toEqual([]);
  });
});

describe('trailers that HTTP/2 does not let pass', () => {
  const chunkedHead = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  const oddTrailers: readonly (readonly [string, Lines])[] = [
    [
      'the same etag twice',
      [
        ['etag', 'a'],
        ['etag', 'b'],
      ],
    ],
    ['two content-md5', Array.from({ length: 2 }, () => ['content-md5', 'a'] as const)],
  ];

  test.each(oddTrailers)('%s, of a gRPC client: its call is refused', async (_what, trailers) => {
    const pod = await startHttp2Pod((stream) => stream.resume());
    const { port, server, ends } = await startGate({ ports: [pod.port] });
    await framesTo(port, [
      frame(frameTypes.headers, endHeaders, 1, headerBlock(grpcHead)),
      frame(frameTypes.data, 0, 1, Buffer.from('abc')),
      frame(frameTypes.headers, endHeaders | endStream, 1, headerBlock(trailers)),
    ]);
    await until('it has ended', () => ends.length === 1);
    expect([ends, server.inFlight]).toEqual([['400 malformed'], 0]);
  });

  test.each(oddTrailers)('%s, of an HTTP/1.1 client to a pod of h2c: 400', async (_w, trailers) => {
    const pod = await startHttp2Pod((stream) => stream.resume());
    const { port, ends } = await startHttp2Gate([pod.port]);
    const { socket, seen } = await rawClient(port);
    const lines = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    socket.write(`${head}3\r\nabc\r\n0\r\n${lines}\r\n`);
    await until('the refusal', () => seen.text.startsWith('HTTP/1.1 400 '));
    expect(ends).toEqual(['400 malformed']);
  });

  test.each(oddTrailers)('%s, of a pod: its answer is broken off', async (_what, trailers) => {
    const lines = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const answer = `${chunkedHead}2\r\nok\r\n0\r\n${lines}\r\n`;
    const pod = await startTcp((socket) => socket.on('data', () => void socket.write(answer)));
    const { port, server } = await startGate({ ports: [pod.port] });
    const answered = await http2Ask(http2Session(port), { ':path': '/' });
    expect([answered.status, answered.resetCode]).toEqual([200, 2]);
    expect(server.inFlight).toBe(0);
  });

  test('settings of another connection are left out of all heads and trailers', async () => {
    const settings = ['HTTP2-Settings: AAMAAABkAAQAAP__', 'X-Kept: 1'].join('\r\n');
    const head = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${settings}\r\n\r\n`;
    const answer = `${head}2\r\nok\r\n0\r\n${settings}\r\n\r\n`;
    const pod = await startTcp((socket) => socket.on('data', () => void socket.write(answer)));
    const gate = await startGate({ ports: [pod.port] });
    const { headers, trailers } = await http2Ask(http2Session(gate.port), { ':path': '/' });
    expect([headers['x-kept'], trailers['x-kept']]).toEqual(['1', '1']);
    const modern = await startHttp2Pod((stream) => {
      stream.on('trailers', (told) => {
        stream.respond({ ':status': 200 });
        stream.end(JSON.stringify(told));
      });
      stream.resume();
    });
    const second = await startHttp2Gate([modern.port]);
    const { socket, seen } = await rawClient(second.port);
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n';
    socket.write(`${post}${settings}\r\n\r\n3\r\nabc\r\n0\r\n${settings}\r\n\r\n`);
    await until('the answer', () => seen.text.includes('x-kept'));
    expect(seen.text).not.toMatch(/http2-settings/i);
    expect(modern.seen[0]).not.toContain('http2-settings');
  });

  test('names that every object has are ordinary names', async () => {
    const lines = 'constructor: a\r\n__proto__: b\r\nvalueof: c\r\n';
    const answer = `${chunkedHead}2\r\nok\r\n0\r\n${lines}\r\n`;
    const pod = await startTcp((socket) => socket.on('data', () => void socket.write(answer)));
    const { port } = await startGate({ ports: [pod.port] });
    const { trailers } = await http2Ask(http2Session(port), { ':path': '/' });
    expect(Object.getOwnPropertyDescriptor(trailers, 'constructor')?.value).toBe('a');
    expect(trailers.valueof).toBe('c');
  });
});

test('hints of a pod keep what belongs to its connection to themselves', async () => {
  const own = 'Connection: X-Own\r\nX-Own: 1\r\nKeep-Alive: timeout=1\r\n';
  const hints = `HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n${own}\r\n`;
  const answer = `${hints}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`;
  const pod = await startTcp((socket) => socket.on('data', () => void socket.write(answer)));
  const { port } = await startGate({ ports: [pod.port] });
  const { socket, seen } = await rawClient(port);
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await until('the answer', () => seen.text.endsWith('ok'));
  const [before = ''] = seen.text.split('\r\n\r\n');
  expect(before).toBe('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload');
  const interim: unknown[] = [];
  const stream = http2Session(port).request({ ':path': '/' });
  stream.on('headers', (headers) => interim.push(Object.entries(headers)));
  await new Promise((resolve) => stream.resume().once('close', resolve));
  const link = '</a.css>; rel=preload';
  expect(interim).toEqual([
    [
      [':status', 103],
      ['link', link],
    ],
  ]);
});
