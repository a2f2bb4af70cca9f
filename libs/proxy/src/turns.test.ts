/** Requests sent ahead of their answers: one by one, in their order, and not without a limit. */

import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { pause, rawClient, startGate, startPod, until } from './loopback-fixture.ts';
import { createTurns } from './turns.ts';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

/** A pod that writes down when a request begins and ends, and takes its time for some. */
const startDiary = async () => {
  const diary: string[] = [];
  const pod = await startPod((request, response) => {
    const { url = '' } = request;
    diary.push(`begin ${url}`);
    const end = (): void => {
      diary.push(`end ${url}`);
      response.end(url);
    };
    if (url === '/never') return;
    request.once('end', () => (url === '/slow' ? setTimeout(end, 60) : end())).resume();
  });
  return { diary, port: pod.port };
};

test('a pod is given the next request of a connection when it has answered the last', async () => {
  const { diary, port: podPort } = await startDiary();
  const inFlight: number[] = [];
  const onStart = () => void inFlight.push(server.inFlight);
  const gate = await startGate({ ports: [podPort, podPort], hooks: { onStart } });
  const { port, server, ends } = gate;
  const { socket, seen } = await rawClient(port);
  const post = (path: string) => `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx`;
  socket.write(post('/slow') + post('/second') + get('/third'));
  await until('all answers', () => seen.text.endsWith('/third'));
  const inTurn = ['/slow', '/second', '/third'].flatMap((path) => [`begin ${path}`, `end ${path}`]);
  expect(diary).toEqual(inTurn);
  expect([inFlight, ends]).toEqual([[1, 1, 1], Array(3).fill('200 answered')]);
});

test('as many may wait as are allowed, and again once they had their turn', async () => {
  const { port: podPort } = await startDiary();
  const limits = { pipelinedMax: 3 };
  const { port, ends } = await startGate({ ports: [podPort], server: { limits } });
  const { socket, seen } = await rawClient(port);
  for (const round of [1, 2]) {
    socket.write(get('/slow') + get('/a') + get('/b') + get(`/end${round}`));
    await until('all answers', () => seen.text.endsWith(`/end${round}`));
  }
  expect(ends).toEqual(Array(8).fill('200 answered'));
});

test('more end their connection, and none of those that waited reaches a pod', async () => {
  const { diary, port: podPort } = await startDiary();
  const limits = { pipelinedMax: 3 };
  const { port, server, ends } = await startGate({ ports: [podPort], server: { limits } });
  const { socket, seen } = await rawClient(port);
  socket.write(get('/slow').repeat(20));
  await until('the connection is closed', () => seen.closed && server.inFlight === 0);
  await pause(100);
  expect(ends).toEqual(['499 abandoned']);
  expect(diary.filter((line) => line.startsWith('begin')).length).toBeLessThan(2);
});

test('an answer that waits behind a slow one is not taken for one that is not read', async () => {
  const pod = await startPod((request, response) => {
    if (request.url === '/slow') setTimeout(() => response.end('slow'), 2_000);
    else response.end(Buffer.alloc(3_000_000, 'x'));
  });
  const limits = { clientStallTimeoutMs: 1_000 };
  const { port, ends } = await startGate({ ports: [pod.port], server: { limits } });
  const { socket, seen } = await rawClient(port);
  socket.write(get('/slow') + get('/large'));
  await until('both answers', () => seen.text.length > 3_000_000 || seen.closed);
  await until('both are settled', () => ends.length === 2);
  expect(ends).toEqual(['200 answered', '200 answered']);
});

test('who waits to be told to go on is told so in its turn, and so is a refusal', async () => {
  const { port: podPort } = await startDiary();
  const { port } = await startGate({ ports: [podPort] });
  const { socket, seen } = await rawClient(port);
  const expecting = (what: string, path: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nExpect: ${what}\r\nContent-Length: 1\r\n\r\n`;
  socket.write(get('/slow') + expecting('100-continue', '/waits'));
  await until('it may go on', () => seen.text.includes('100 Continue'));
  expect(seen.text).toMatch(/^HTTP\/1\.1 200 OK.*\/slowHTTP\/1\.1 100 Continue\r\n\r\n$/s);
  socket.write(`x${get('/slow')}${expecting('odd', '/refused')}`);
  await until('the connection is closed', () => seen.closed);
  const statuses = seen.text.match(/HTTP\/1\.1 \d+/g)?.map((line) => line.slice(9));
  expect(statuses).toEqual(['200', '100', '200', '200', '417']);
});

test.each([
  ['malformed', 'BAD\r\n\r\n'],
  ['begun and never ended', 'GET /late HT'],
])('what is %s behind one without an answer is not answered in its place', async (_, bytes) => {
  const { diary, port: podPort } = await startDiary();
  const limits = { headersTimeoutMs: 500 };
  const { port, server, ends } = await startGate({ ports: [podPort], server: { limits } });
  const { socket, seen } = await rawClient(port);
  socket.write(get('/never'));
  await until('the pod has the first', () => diary.length === 1);
  socket.write(bytes);
  await until('it is given up', () => seen.closed && server.inFlight === 0);
  expect([seen.text, ends]).toEqual(['', ['499 abandoned']]);
});

test('one whose turn comes when its connection has just gone is not begun with', () => {
  for (const gone of [false, true]) {
    const socket = new Socket();
    const request = new IncomingMessage(socket);
    const response = new ServerResponse(request);
    const begun: unknown[] = [];
    createTurns(1)((what) => void begun.push(what))(request, response);
    if (gone) socket.destroy();
    response.assignSocket(socket);
    expect(begun).toEqual(gone ? [] : [request]);
  }
});
