/**
 * Draining: no new connections, answers finished, upgraded and endless ones cut after the grace.
 */

import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { ask, rawClient, startGate, startPod, startTcp, until } from './loopback-fixture.ts';
import { createProxyServer } from './proxy-server.ts';
import { refuse } from './refusal.ts';
import type { ForwardTarget } from './route.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

test('what is in flight finishes with Connection: close; idle ones end', async () => {
  const open: ServerResponse[] = [];
  const pod = await startPod((_, response) => {
    open.push(response);
  });
  const { port, server } = await startGate({ ports: [pod.port] });
  const idle = await rawClient(port);
  const busy = await rawClient(port);
  busy.socket.write(get);
  await until('it arrives', () => open.length === 1);
  const drained = server.drain({ graceMs: 4_000 });
  await until('the idle one is closed', () => idle.seen.closed);
  await expect(ask(port, '/')).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
  open[0]?.end('finished');
  await until('the answer', () => busy.seen.text.endsWith('finished'));
  expect(busy.seen.text).toContain('Connection: close');
  expect(await drained).toEqual({ cut: 0 });
  expect(await server.drain({ graceMs: 0 })).toEqual({ cut: 0 });
});

test('a response begun before the drain keeps its connection until it ends', async () => {
  const open: ServerResponse[] = [];
  const pod = await startPod((_, response) => {
    response.write('begun');
    open.push(response);
  });
  const { port, server } = await startGate({ ports: [pod.port] });
  const client = await rawClient(port);
  client.socket.write(get);
  await until('it begins', () => client.seen.text.includes('begun'));
  const drained = server.drain({ graceMs: 4_000 });
  open[0]?.end();
  expect(await drained).toEqual({ cut: 0 });
  expect(client.seen.text).toMatch(/0\r\n\r\n$/);
});

test('after the grace, upgraded connections and answers without end are cut', async () => {
  const pod = await startTcp((socket) =>
    socket.once('data', (data) =>
      socket.write(
        String(data).includes('pgrade: raw')
          ? 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n'
          : 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      ),
    ),
  );
  const { port, server, pods } = await startGate({ ports: [pod.port] });
  const upgraded = await rawClient(port);
  upgraded.socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n');
  const endless = await rawClient(port);
  endless.socket.write(get);
  await until('both begin', () => upgraded.seen.text !== '' && endless.seen.text !== '');
  expect(await server.drain({ graceMs: 50 })).toEqual({ cut: 2 });
  await until('both are closed', () => upgraded.seen.closed && endless.seen.closed);
  await until('both are settled', () => server.inFlight === 0);
  expect(pods.inFlight).toBe(0);
});

test.each(['announced', 'draining'] as const)(
  '%s: a failure closes its connection',
  async (how) => {
    const pod = await startTcp((socket) => socket.once('data', () => socket.destroy()));
    const { port, server, holding, target } = await startGate({ ports: [pod.port], holding: {} });
    const failing = await rawClient(port);
    if (how === 'announced') server.announceEnd();
    failing.socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n');
    let drained: Promise<unknown> | undefined;
    if (how === 'draining') {
      await until('it is sent', () => server.inFlight === 1);
      drained = server.drain({ graceMs: 4_000 });
    }
    failing.socket.write('x');
    await until('the connection is closed', () => failing.seen.closed);
    expect(failing.seen.text).toMatch(/^HTTP\/1\.1 502 .*Connection: close/s);
    expect([holding?.ledger.waiting, target.pods.inFlight]).toEqual([0, 0]);
    await drained;
  },
);

test('first bytes that were on their way are served', async () => {
  const pod = await startPod((_, response) => response.end('served'));
  const { port, server } = await startGate({ ports: [pod.port] });
  const { socket, seen } = await rawClient(port);
  expect((await ask(port, '/')).status).toBe(200);
  const drained = server.drain({ graceMs: 4_000 });
  socket.write(get);
  expect(await drained).toEqual({ cut: 0 });
  await until('it is closed', () => seen.closed);
  expect(seen.text).toMatch(/^HTTP\/1\.1 200 OK.*Connection: close.*served$/s);
});

test.each(['GET / HTTP/1.1\r\nHo', 'PRI * HT'])(
  'a head that is begun and never ended, %j, does not keep it for its whole grace',
  async (half) => {
    const { port, server } = await startGate({});
    const { socket } = await rawClient(port);
    socket.write(half);
    expect((await ask(port, '/')).status).toBe(503);
    let cut = -1;
    void server.drain({ graceMs: 60_000 }).then((result) => {
      cut = result.cut;
    });
    await until('it is drained', () => cut === 0);
  },
);

test('who expects something odd meanwhile is told to go elsewhere, too', async () => {
  const { port, server } = await startGate({});
  server.announceEnd();
  const { socket, seen } = await rawClient(port);
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nExpect: odd\r\n\r\n');
  await until('the refusal', () => seen.text.startsWith('HTTP/1.1 417 '));
  expect(seen.text).toContain('Connection: close');
});

test('a port that is taken is named', async () => {
  const { port } = await startGate({});
  const second = createProxyServer<ForwardTarget>({ route: () => refuse(404, 'No.') });
  const listening = second.listen({ host: '127.0.0.1', port });
  await expect(listening).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  await expect(listening).rejects.toThrow(`127.0.0.1:${port} is taken`);
});
