/** What a probe takes for a pod that works: the word of real servers on loopback. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { probe } from './probe.ts';

const limitMs = 200;

/** What the probe says of a server that answers by `listener`. */
const probed = async (listener: RequestListener): Promise<string | undefined> => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await probe({ host: '127.0.0.1', port, path: '/' }, limitMs);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
};

it.each([200, 302, 404])('a status of %i shows a server that works', async (status) => {
  expect(await probed((_, response) => void response.writeHead(status).end())).toBeUndefined();
});

it('a status of 503 shows one that does not', async () => {
  const said = await probed((_, response) => void response.writeHead(503).end());
  expect(said).toBe('it answers 503');
});

it('one that accepts and takes its time with the answer works', async () => {
  expect(await probed(() => undefined)).toBeUndefined();
});

it('one that hangs up does not', async () => {
  const said = await probed((request) => void request.socket.destroy());
  expect(said).toMatch(/closed the connection without an answer|cannot be reached/);
});

it('where nobody listens, nothing works', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  expect(await probe({ host: '127.0.0.1', port, path: '/' }, limitMs)).toMatch(/cannot be reached/);
});
