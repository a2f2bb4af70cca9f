/** Free ports: nobody listens on them, and no outgoing connection is given one. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { assertPortFree, freePort } from './free-port.ts';

let rival: Server;
let takenPort = 0;

beforeEach(async () => {
  rival = createServer().listen(0, '127.0.0.1');
  await once(rival, 'listening');
  takenPort = (rival.address() as AddressInfo).port;
});

afterEach(() => void rival.close());

it('is none that an outgoing connection could take', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  expect(ports.every((port) => port >= 20_000 && port < 32_768)).toBe(true);
});

it('passes over one that is taken', async () => {
  const free = await freePort();
  const choices = [takenPort, free];
  expect(await freePort(() => choices.shift() ?? 0)).toBe(free);
});

it('gives up when all are taken', async () => {
  await expect(freePort(() => takenPort)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
});

it('a host that is not of this machine is told as one', async () => {
  for (const host of ['no.such.host.invalid', '192.0.2.1']) {
    const refused = assertPortFree(host, 0, '--port N');
    await expect(refused).rejects.toThrow(`Nobody can listen on ${host}`);
  }
});

it('a given port that is taken is refused with the option to change', async () => {
  const refused = assertPortFree('127.0.0.1', takenPort, '--port N');
  await expect(refused).rejects.toThrow(/--port N.*\[PORT_IN_USE\]/);
});
