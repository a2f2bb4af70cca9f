/** A body that breaks while a pod is being given it harms nobody else. */

import { expect, test } from 'vitest';
import { ask, pause, rawClient, startGate, startPod, until } from './loopback-fixture.ts';

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
