/** Clients that send one byte now and then: neither process waits for them, nor for ever. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openGateway } from './gateway.ts';
import { ask, hostOf, startPod } from './http-ends.ts';
import { startQueueProxy } from './queue-proxies.ts';
import { untilTrue } from './waiting.ts';

const limits = { FLYBALL_HEADERS_MS_MAX: '600', FLYBALL_BODY_IDLE_MS_MAX: '400' };
const slowClients = 20;
const dripEveryMs = 50;

interface SlowClient {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly closed: Promise<unknown>;
}

/** Answers when it has read all that it was sent. */
const startReader = () =>
  startPod((_pod, request, response) => request.resume().once('end', () => response.end('read')));

/** Sends the beginning, then one byte at a time until it is cut off. */
const drip = (url: string, beginning: string, byte: string): SlowClient => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  socket.on('error', () => undefined);
  socket.write(beginning);
  const dripping = setInterval(() => socket.write(byte), dripEveryMs);
  const closed = once(socket, 'close').finally(() => clearInterval(dripping));
  return { socket, heard: () => heard, closed };
};

/** Headers that never end, from many at once; then a body that stops in the middle. */
const expectCutOff = async (url: string, host: string): Promise<void> => {
  const headers = `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `;
  const slow = Array.from({ length: slowClients }, () => drip(url, headers, 'x'));
  await Promise.all(slow.map(({ closed }) => closed));
  for (const { heard } of slow) {
    expect(heard()).toMatch(/^HTTP\/1\.1 408 /);
    expect(heard()).toContain('allowed are 600 ms');
  }
  const body = `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 10\r\n\r\nabc`;
  const stalled = drip(url, body, '');
  await stalled.closed;
  expect(stalled.heard()).toMatch(/^HTTP\/1\.1 408 .*paused for more than 400 ms/s);
};

test('the activator cuts slow clients off, and serves the others meanwhile', async () => {
  await using pod = await startReader();
  await using gateway = await openGateway(limits);
  const workload = 'default/web';
  await gateway.appear(workload);
  await gateway.facts.addPod(workload, 'web-1', pod.port);
  const cutOff = expectCutOff(gateway.url, hostOf(workload));
  const answer = await gateway.ask(workload).answer;
  expect(answer.status).toBe(200);
  await cutOff;
});

test('the queue-proxy cuts slow clients off, and serves the others meanwhile', async () => {
  await using pod = await startReader();
  await using proxy = await startQueueProxy(pod.port, limits);
  const cutOff = expectCutOff(proxy.url, 'pod');
  const answer = await ask(`${proxy.url}/`, 'pod').answer;
  expect(answer.status).toBe(200);
  await cutOff;
  await untilTrue('nothing of them is left at the pod', () => pod.inFlight === 0);
});
