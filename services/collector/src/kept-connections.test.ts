/** Connections to pods that come and go under other addresses: none is kept of those that went. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKeptConnections, type KeptConnections } from './kept-connections.ts';
import { type PagesServer, startPagesServer } from './testing/pages-server.ts';

const pods = 8;

let connections: KeptConnections;
beforeEach(() => {
  connections = createKeptConnections({ keepAliveTimeout: 30_000 });
});
afterEach(() => connections.close());

const ask = async ({ port }: Pick<PagesServer, 'port'>, signal?: AbortSignal): Promise<number> => {
  const origin = `http://127.0.0.1:${port}`;
  const asked = { path: '/', method: 'GET', ...(signal === undefined ? {} : { signal }) } as const;
  const { statusCode, body } = await connections.to(origin).request(asked);
  await body.text();
  return statusCode;
};

it('there is one for each pod that answers, as long as it is there', async () => {
  const servers = await Promise.all(Array.from({ length: pods }, () => startPagesServer('x')));
  for (const _ of [1, 2]) expect(await Promise.all(servers.map((one) => ask(one)))).toHaveLength(8);
  expect(connections.size()).toBe(pods);
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  await expect.poll(connections.size).toBe(0);
});

it('none is kept to one that was silent, until it is asked again', async () => {
  for (let pod = 0; pod < pods; pod += 1) {
    await using server = await startPagesServer('silence');
    const over = new AbortController();
    const asked = expect(ask(server, over.signal)).rejects.toThrow('aborted');
    await expect.poll(() => server.asked.length).toBe(1);
    over.abort();
    await asked;
    server.page = 'x';
    expect(await ask(server)).toBe(200);
    server.page = 'silence';
    await expect(ask(server, AbortSignal.timeout(30))).rejects.toThrow('aborted');
  }
  await expect.poll(connections.size).toBe(0);
});

it('none is kept to one that takes no connection', async () => {
  for (let pod = 0; pod < pods; pod += 1) {
    const server = await startPagesServer('x');
    await server[Symbol.asyncDispose]();
    await expect(ask(server)).rejects.toThrow('ECONNREFUSED');
  }
  await expect.poll(connections.size).toBe(0);
});
