/** Pods and clients that misbehave at random: nothing leaks and nothing is counted twice. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startGate, startPod, until } from './loopback-fixture.ts';

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
const createRandom = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

const podDeeds: readonly ((request: IncomingMessage, response: ServerResponse) => void)[] = [
  (_, response) => response.end('quick'),
  (request, response) => request.pipe(response),
  (_, response) => void setTimeout(() => response.end('slow'), 5),
  (_, response) => response.end(Buffer.alloc(200_000, 'x')),
  (request) => request.socket.destroy(),
  (request) => request.socket.resetAndDestroy(),
  (_, response) => {
    response.writeHead(200, { 'content-length': '50' });
    response.write('half');
    setTimeout(() => response.destroy(), 2);
  },
  (_, response) => response.writeHead(413, { connection: 'close' }).end('early'),
  (request) => request.socket.write('no http at all\r\n\r\n'),
];

const requests: readonly string[] = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`,
  'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\ntoo short',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5),
];

test.each([1, 2, 3])(
  'whatever they do, everything is settled in the end (seed %i)',
  async (seed) => {
    const random = createRandom(seed);
    const pod = () =>
      startPod((request, response) => {
        request.on('error', () => {});
        podDeeds[random(podDeeds.length)]?.(request, response);
      });
    const counts = { started: 0, ended: 0 };
    const { port, pods, holding, server } = await startGate({
      ports: [(await pod()).port, (await pod()).port],
      holding: { requestsMax: 20, holdMsMax: 300 },
      balancer: { containerConcurrency: 4 },
      target: { responseStartTimeoutMs: 200, responseIdleTimeoutMs: 200 },
      server: {
        limits: { bodyBytesMax: 90_000, bodyIdleTimeoutMs: 150, upgradeIdleTimeoutMs: 150 },
      },
      hooks: {
        onStart: () => {
          counts.started++;
        },
        onEnd: () => {
          counts.ended++;
        },
      },
    });
    let open = 0;
    for (let i = 0; i < 300; i++) {
      const socket = connect(port, '127.0.0.1');
      open++;
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open--);
      socket.on('data', () => {});
      socket.write(requests[random(requests.length)] as string);
      setTimeout(() => (random(2) === 0 ? socket.destroy() : socket.end()), 1 + random(60));
      if (i % 50 === 25) pods.remove(`late-${i - 50}`);
      if (i % 50 === 25) pods.add({ id: `late-${i}`, host: '127.0.0.1', port: (await pod()).port });
      if (i % 10 === 0) await until('some clients end', () => open < 30);
    }
    await until('everything is settled', () => server.inFlight === 0 && open === 0);
    expect(counts.started).toBeGreaterThan(200);
    expect(counts.ended).toBe(counts.started);
    expect([pods.inFlight, server.upgraded, holding?.ledger.waiting]).toEqual([0, 0, 0]);
    expect(pods.pods.every((one) => one.inFlight === 0)).toBe(true);
  },
);
