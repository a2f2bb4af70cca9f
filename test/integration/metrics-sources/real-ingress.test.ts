/** A real HAProxy before a real server, and a real NATS: its own page decides the pods. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { until, World } from '../shells-bed.ts';
import { natsBus } from '../shells-buses.ts';
import { hasHaproxy, startHaproxy } from './running-haproxy.ts';

/** Answers each request when it is told to. */
const startApp = async () => {
  const waiting: (() => void)[] = [];
  const server = createServer((_request, response) => {
    waiting.push(() => response.end('served'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    waiting,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

test.skipIf(!(await hasHaproxy()))(
  '30 requests in flight are three pods, none is one',
  async () => {
    await using app = await startApp();
    await using ingress = await startHaproxy(app.port, 'autoscale-go');
    const world = await World.open(natsBus);
    try {
      await world.startAll();
      await world.start('collector');
      world.apply({
        'autoscaling.knative.dev/window': '6s',
        'flyball.dev/metrics-url': ingress.metricsUrl,
        'flyball.dev/metrics-concurrency': 'haproxy_backend_current_sessions{proxy="autoscale-go"}',
      });
      await world.oneReady();
      const answers = Array.from({ length: 30 }, () => fetch(ingress.url));
      await until('all are at the app', () => (app.waiting.length === 30 ? true : undefined));
      expect(await world.replicasReach(3)).toBe(3);
      for (const answer of app.waiting) answer();
      const statuses = (await Promise.all(answers)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([200]));
      await until('one pod', () => (world.replicas() === 1 ? true : undefined));
      // The collector reads SAMPLES as its own user: what activators told is asked for.
      expect(world.crashes).toEqual([]);
    } finally {
      await world.end();
    }
  },
);
