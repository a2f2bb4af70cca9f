/** The judge is judged: proxies that smuggle, repeat or let anything through are caught. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { attack } from './hostile-client.ts';
import { type StrictPod, startStrictPod } from './strict-pod.ts';

const host = 'pod.example';
const good = `GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

const ends: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A proxy that does to a connection's bytes what `change` says. */
const startCareless = async (pod: StrictPod, change: (bytes: string) => string) => {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(pod.port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket.on('error', () => socket.destroy()));
    }
    client.setEncoding('latin1').on('data', (bytes: string) => {
      upstream.write(change(bytes), 'latin1');
    });
    upstream.pipe(client);
    client.once('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const attackThrough = async (change: (bytes: string) => string, bytes: string) => {
  const pod = await startStrictPod();
  ends.push(() => pod[Symbol.asyncDispose]());
  const port = await startCareless(pod, change);
  const attacked = {
    port,
    pod,
    inFlight: async () => 0,
    isAlive: () => true,
    log: () => '',
    judgeHeaders: () => {},
    meant: [],
  };
  return attack({ ...attacked, count: 0 }, { bytes, cuts: [] });
};

it('lets one pass that changes nothing', async () => {
  expect(await attackThrough((bytes) => bytes, good)).toMatch(/^HTTP\/1\.1 200 /);
});

it.each([
  ['repeats a request', (bytes: string) => bytes + bytes, good],
  ['invents one', (bytes: string) => `${bytes}GET /b HTTP/1.1\r\nHost: x\r\n\r\n`, good],
  [
    'changes a body',
    (bytes: string) => bytes.replace('hello', 'HELLO'),
    `POST /a HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\nhello`,
  ],
  ['lets through what is no HTTP', (bytes: string) => bytes, good.replace('\r\n', '\n')],
  [
    'takes a body for a request',
    (bytes: string) => bytes.replace(/Content-Length: \d+/, 'X: y'),
    `POST /a HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${good.length}\r\n\r\n${good}`,
  ],
])('catches one that %s', async (_what, change, bytes) => {
  await expect(attackThrough(change, bytes)).rejects.toThrow();
});
