/** What lasts longer than a request: streams, upgraded connections, and NATS being away. */
import type { WorkloadKey } from '@flyball/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Gateway, imbalanceAt, openGateway } from './gateway.ts';
import { hostOf, startPod } from './http-ends.ts';
import { until, untilTrue } from './waiting.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

test('server-sent events pass one by one, from zero', async () => {
  const workload: WorkloadKey = 'default/stream';
  await using pod = await startPod(async (own, _request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: one\n\n');
    await own.whenFreed;
    response.end('data: two\n\n');
  });
  await gateway.appear(workload);
  const asked = gateway.ask(workload);
  let heard = '';
  asked.request.once('response', (response) => {
    response.on('data', (text: string) => {
      heard += text;
    });
  });
  await gateway.facts.addPod(workload, 'stream-1', pod.port);
  await untilTrue('the first event', () => heard === 'data: one\n\n');
  pod.free();
  expect((await asked.answer).body).toBe('data: one\n\ndata: two\n\n');
});

test('a WebSocket is held at zero, joined, and in flight until it is closed', async () => {
  const workload: WorkloadKey = 'default/socket';
  const echo = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  echo.on('connection', (socket) => socket.on('message', (text) => socket.send(`${text}!`)));
  await gateway.appear(workload);
  const url = gateway.url.replace('http', 'ws');
  const client = new WebSocket(url, { headers: { host: hostOf(workload) } });
  const opened = new Promise((resolve) => client.once('open', resolve));
  await untilTrue('it waits', () => gateway.bus.ledgerOf(workload).waiting === 1);
  await gateway.facts.addPod(workload, 'socket-1', (echo.address() as { port: number }).port);
  await opened;
  const answered = new Promise((resolve) => client.once('message', (text) => resolve(`${text}`)));
  client.send('hello');
  expect(await answered).toBe('hello!');
  const inFlightIn = (minimum: number) =>
    gateway.bus.batchesOf(workload).find(({ partial, rows, secondAtMs }) => {
      const row = rows.workloads.indexOf(workload);
      return !partial && secondAtMs > minimum && rows.concurrencyMilli[row] === 1_000;
    });
  const busy = await until('a whole second with it', () => inFlightIn(0));
  client.close();
  await untilTrue('it is idle again', () =>
    gateway.bus.batchesOf(workload).some(({ covered, secondAtMs }) => {
      return covered.includes(workload) && secondAtMs > busy.secondAtMs;
    }),
  );
  await new Promise<void>((resolve) => echo.close(() => resolve()));
});

test('without NATS requests flow, the gateway stays ready, and nothing is lost', async () => {
  const [served, held]: WorkloadKey[] = ['default/flows', 'default/waits'];
  if (served === undefined || held === undefined) throw new Error('two workloads are needed');
  await using pod = await startPod();
  pod.free();
  await gateway.appear(served);
  await gateway.appear(held);
  await gateway.facts.addPod(served, 'flows-1', pod.port);
  await gateway.ask(served).answer;
  await gateway.bus.server.signal('SIGKILL');
  await untilTrue('the activator has noticed', async () =>
    (await gateway.activator.page('/readyz')).text.includes('disconnected'),
  );
  expect((await gateway.activator.page('/readyz')).status).toBe(200);
  for (let count = 0; count < 5; count += 1) {
    expect((await gateway.ask(served).answer).status).toBe(200);
  }
  const [leaving, staying] = await gateway.askAndWait(held, 2);
  leaving?.request.destroy();
  await gateway.bus.server.restart();
  await gateway.facts.addPod(held, 'waits-1', pod.port);
  expect((await staying?.answer)?.status).toBe(200);
  await untilTrue('the ledger has caught up', () => {
    const { held: began, released, abandoned, waiting } = gateway.bus.ledgerOf(held);
    return began === 2 && released === 1 && abandoned === 1 && waiting === 0;
  });
  expect(gateway.bus.ledgerOf(held).imbalance).toBe(0);
  expect(await imbalanceAt(gateway)).toBe(0);
  const ids = gateway.bus.eventsOf(held).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
