/** A browser that takes nothing costs one message, and then gets the newest state. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import type { Clock } from '@flyball/service';
import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { createStreamLimit } from '../http/stream-limit.ts';
import type { FleetRow } from '../wire.ts';
import { createFleet } from './fleet.ts';
import { addFleetRoutes } from './fleet-routes.ts';

/** Time passes when the story says so. */
const createStoryClock = () => {
  const due: { atMs: number; action: () => void }[] = [];
  let nowMs = 1_000_000;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, action) => {
      const timer = { atMs: nowMs + delayMs, action };
      due.push(timer);
      return () => void due.splice(due.indexOf(timer) >>> 0, 1);
    },
  };
  const pass = (ms: number): void => {
    nowMs += ms;
    for (const timer of due.filter(({ atMs }) => atMs <= nowMs)) {
      due.splice(due.indexOf(timer), 1);
      timer.action();
    }
  };
  return { clock, pass };
};

const rowOf = (workload: WorkloadKey, ready: number): FleetRow => ({
  ...workloadName(workload),
  ...{ partition: 0, desired: 1, ready, mode: 'stable', routing: 'pods', stable: 0, panic: 0 },
  ...{ target: 10, targetUse: 0, seen: 'measured', inFlight: null, waiting: 0, dataAtMs: 1_000 },
  ...{ decidedAtMs: null, problem: null, spark: Array.from({ length: 60 }, (_, at) => at * 1.234) },
});
const count = 10_000;
const rows = (ready: number) =>
  Array.from({ length: count }, (_, at): readonly [WorkloadKey, FleetRow] => {
    const workload: WorkloadKey = `default/w-${at}`;
    return [workload, rowOf(workload, ready)];
  });

const openFleet = async () => {
  const { clock, pass } = createStoryClock();
  const fleet = createFleet();
  const streams = createStreamLimit(2);
  const server = fastify({ forceCloseConnections: true });
  const sockets: Socket[] = [];
  server.server.on('connection', (socket) => sockets.push(socket));
  const sight = { draw: () => undefined, tickAtMs: () => [] };
  addFleetRoutes(server, { fleet, sight, clock, streams, away: () => null });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return { fleet, streams, pass, url, server, pending: () => sockets[0]?.writableLength ?? 0 };
};

it('is told nothing more until it takes what it was told, then the newest', async () => {
  const { fleet, pass, pending, streams, url, server } = await openFleet();
  fleet.set(0, rows(1));
  const browser = connect(Number(new URL(url).port), '127.0.0.1').pause();
  try {
    browser.write('GET /api/fleet HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(pending).toBeGreaterThan(0);
    const told = pending();
    for (let ready = 2; ready <= 6; ready += 1) {
      fleet.set(0, rows(ready));
      pass(1_000);
    }
    // Nothing was added, however often everything changed.
    expect(pending()).toBeLessThanOrEqual(told);

    let text = '';
    browser.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    browser.resume();
    await expect.poll(pending).toBe(0);
    pass(1_000);
    await expect.poll(() => text.match(/"ready":6/g)?.length).toBe(count);
    expect(text.match(/(?<=^event: ).+/gm)).toEqual(['fleet', 'rows', 'away']);
    expect(text).not.toContain('"ready":5');
  } finally {
    const closed = once(browser, 'close');
    browser.destroy();
    await closed;
  }
  await expect.poll(() => streams.open()).toBe(0);
  await server.close();
});

it('is let go when it takes nothing for a minute', async () => {
  const { fleet, pass, pending, streams, url, server } = await openFleet();
  fleet.set(0, rows(1));
  const browser = connect(Number(new URL(url).port), '127.0.0.1').pause();
  browser.on('error', () => undefined);
  browser.write('GET /api/fleet HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await expect.poll(pending).toBeGreaterThan(0);
  for (let second = 0; second < 75; second += 1) pass(1_000);
  await expect.poll(() => streams.open()).toBe(0);
  browser.destroy();
  await server.close();
});

it('hears that we are still here when there is nothing to tell', async () => {
  const { pass, streams, url, server } = await openFleet();
  const ended = new AbortController();
  const response = await fetch(`${url}/api/fleet`, { signal: ended.signal });
  let text = '';
  const reading = (async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
    }
  })().catch(() => undefined);
  await expect.poll(() => text).toContain('event: fleet');
  for (let second = 0; second < 12; second += 1) pass(1_000);
  await expect.poll(() => text).toContain(': here');
  ended.abort();
  await reading;
  await expect.poll(() => streams.open()).toBe(0);
  await server.close();
});

it('finds no room where as many look as may look', async () => {
  const { streams, url, server } = await openFleet();
  const ended = new AbortController();
  for (let browser = 0; browser < 2; browser += 1)
    await fetch(`${url}/api/fleet`, { signal: ended.signal });
  const refused = await fetch(`${url}/api/fleet`);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await refused.json()).toEqual({
    error: { code: 'TOO_MANY', message: '2 streams are open, as many as this console takes.' },
  });
  ended.abort();
  await expect.poll(() => streams.open()).toBe(0);
  await server.close();
});
