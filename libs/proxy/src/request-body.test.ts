/** A body that breaks while a pod is being given it harms nobody else, and never looks whole. */

import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { http2Session, startHttp2Gate, startHttp2Pod } from './http2-fixture.ts';
import { ask, pause, rawClient, startGate, startPod, startTcp, until } from './loopback-fixture.ts';
import { endHeaders, frame, frameTypes, headerBlock, opening } from './testing/http2-frames.ts';

/** How the connection ends and how undici lets go of the body race: it is tried this often. */
const tries = 20;

test('a chunk that breaks on its way to a pod ends its own request only', async () => {
  const pod = await startPod((request, response) => {
    request.resume();
    request.on('error', () => {});
    request.on('end', () => response.end('served'));
  });
  const { port, server } = await startGate({ ports: [pod.port] });
  const first = 'GET /first HTTP/1.1\r\nHost: a\r\n\r\n';
  const second = 'POST /second HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  // An error of a stream that nobody listens to would end the process, and this test with it.
  for (let n = 0; n < tries; n += 1) {
    const { socket, seen } = await rawClient(port);
    socket.write(first.slice(0, 20));
    await pause(1);
    socket.write(`${first.slice(20)}${second}5\r\nh\nllo0\r\n\r\n`);
    await until('the connection is closed', () => seen.closed);
  }
  await until('it is settled', () => server.inFlight === 0);
  expect((await ask(port, '/after')).body.toString()).toBe('served');
});

const resetWith = (code: number): Buffer =>
  frame(frameTypes.reset, 0, 1, Buffer.from([0, 0, 0, code]));

test.each<[string, (socket: Socket) => unknown]>([
  ['a reset that cancels', (socket) => socket.write(resetWith(8))],
  ['a reset without an error', (socket) => socket.write(resetWith(0))],
  ['the end of the connection', (socket) => socket.end()],
  ['a closed connection', (socket) => socket.destroy()],
  ['a broken connection', (socket) => socket.resetAndDestroy()],
])('an HTTP/2 body broken off by %s is no whole one to a pod of HTTP/1.1', async (_, breakOff) => {
  const got = { text: '', closed: false };
  const pod = await startTcp((socket) => {
    socket.on('data', (some) => {
      got.text += some;
    });
    socket.on('close', () => {
      got.closed = true;
    });
  });
  const { port, server, ends } = await startGate({ ports: [pod.port] });
  const { socket } = await rawClient(port);
  const head = headerBlock([
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'a'],
  ]);
  const begun = [
    frame(frameTypes.headers, endHeaders, 1, head),
    frame(frameTypes.data, 0, 1, Buffer.from('abc')),
  ];
  socket.write(Buffer.concat([opening(), ...begun]));
  await until('the pod has the beginning', () => got.text.endsWith('3\r\nabc'));
  breakOff(socket);
  await until('the pod is left', () => got.closed && server.inFlight === 0);
  expect(got.text).toMatch(/\r\n3\r\nabc$/);
  expect(ends).toEqual(['499 abandoned']);
});

test('an empty streamed body that a pod refused is sent again, to its end', async () => {
  let refused = 0;
  const pod = await startHttp2Pod((stream) => {
    if (refused === 0) {
      // Refused once its end has been read: there is nothing left that would tell it again.
      stream.once('end', () => undefined).resume();
      setTimeout(() => stream.close(constants.NGHTTP2_REFUSED_STREAM), 30);
      refused += 1;
      return;
    }
    stream.once('end', () => {
      stream.respond({ ':status': 200 });
      stream.end('served');
    });
    stream.resume();
  });
  const { port, ends } = await startHttp2Gate([pod.port]);
  const { socket, seen } = await rawClient(port);
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  socket.write(`${head}0\r\n\r\n`);
  await until('the answer', () => seen.text.includes('served'));
  expect([ends, refused]).toEqual([['200 answered'], 1]);
});

test('uploads that are answered early leave nothing behind on their connection', async () => {
  const pod = await startPod((request, response) => {
    request.on('error', () => undefined);
    response.writeHead(401).end('no');
  });
  const { port, server } = await startGate({ ports: [pod.port] });
  const warnings: string[] = [];
  const warned = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  const { socket, seen } = await rawClient(port);
  const answered = (): number => seen.text.match(/HTTP\/1\.1 401/g)?.length ?? 0;
  for (let n = 1; n <= 14; n += 1) {
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345');
    await until('the answer', () => answered() === n);
    socket.write('67890');
  }
  await until('it is settled', () => server.inFlight === 0);
  await pause(5);
  expect(warnings).toEqual([]);
});

const post = 'POST / HTTP/1.1\r\nHost: a\r\n';

/** Writes the same piece for as long as it is taken. */
const writeOn = (to: Writable, piece: Buffer): void => {
  while (!to.destroyed && to.write(piece));
  if (!to.destroyed) to.once('drain', () => writeOn(to, piece));
};

describe('a body and its answer are timed apart', () => {
  const unreadAfter = { server: { limits: { clientStallTimeoutMs: 100 } } };

  test('who sends but does not read keeps no slot: HTTP/1.1', async () => {
    const pod = await startPod((request, response) => void request.pipe(response));
    const { port, ends, pods } = await startGate({ ports: [pod.port], ...unreadAfter });
    const { socket } = await rawClient(port);
    socket.pause();
    socket.write(`${post}Transfer-Encoding: chunked\r\n\r\n`);
    writeOn(socket, Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`));
    await until('it is given up', () => ends.length === 1);
    expect([ends, pods.inFlight]).toEqual([['499 abandoned'], 0]);
  });

  test('who sends but does not read keeps no slot: HTTP/2', async () => {
    const pod = await startPod((request, response) => void request.pipe(response));
    const { port, ends, pods } = await startGate({ ports: [pod.port], ...unreadAfter });
    const stream = http2Session(port).request({ ':method': 'POST', ':path': '/' });
    stream.on('error', () => undefined).pause();
    writeOn(stream, Buffer.alloc(65_536, 'x'));
    await until('it is given up', () => ends.length === 1);
    expect([ends, pods.inFlight]).toEqual([['499 abandoned'], 0]);
  });

  test('nor who ends its body while it leaves the answer unread', async () => {
    const pod = await startPod((request, response) => {
      request.resume();
      response.end(Buffer.alloc(30_000_000));
    });
    const limits = { clientStallTimeoutMs: 200 };
    const { port, ends, pods } = await startGate({ ports: [pod.port], server: { limits } });
    const { socket } = await rawClient(port);
    socket.pause();
    socket.write(`${post}Content-Length: 10\r\n\r\nhello`);
    await pause(100);
    socket.write('world');
    await until('it is given up', () => ends.length === 1);
    expect([ends, pods.inFlight]).toEqual([['499 abandoned'], 0]);
  });

  test('a body that stops is seen although its answer was read meanwhile', async () => {
    const pod = await startPod((request, response) => {
      request.resume();
      response.write(Buffer.alloc(8_000_000));
    });
    const limits = { bodyIdleTimeoutMs: 1_000 };
    const { port, ends, pods } = await startGate({ ports: [pod.port], server: { limits } });
    const { socket, seen } = await rawClient(port);
    socket.pause();
    socket.write(`${post}Content-Length: 10\r\n\r\nhello`);
    await pause(100);
    socket.resume();
    await until('it is given up', () => ends.length === 1 && seen.closed);
    expect([ends, pods.inFlight]).toEqual([['200 stalled'], 0]);
  });
});
