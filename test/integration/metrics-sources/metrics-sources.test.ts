/** Without activator and sidecar: what an ingress or the app exports is scaled on. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until, World } from '../shells-bed.ts';
import { memoryBus } from '../shells-buses.ts';
import { appPage, envoyPage, ingressNginxPage, istioPage, nginxPage } from './pages.ts';

const prefix = 'flyball.dev/metrics-';

let world: World;
let exporter: Server;
/** Told to each who asks; undefined: an error. */
let page: (() => string) | undefined;

beforeEach(async () => {
  world = await World.open(memoryBus);
  exporter = createServer((_request, response) => {
    response.statusCode = page === undefined ? 500 : 200;
    response.end(page?.());
  });
  await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await world.end();
  exporter.closeAllConnections();
  await new Promise((resolve) => exporter.close(resolve));
});

const url = (path: string): string =>
  `http://127.0.0.1:${(exporter.address() as AddressInfo).port}${path}`;

/** Each shell and the collector, and the workload with one ready pod. */
const begin = async (annotations: Readonly<Record<string, string>>): Promise<void> => {
  await world.startAll();
  await world.start('collector');
  const own = Object.entries(annotations).map(([key, value]) => [
    key.includes('/') ? key : `${prefix}${key}`,
    value,
  ]);
  world.apply({ 'autoscaling.knative.dev/window': '6s', ...Object.fromEntries(own) });
  await world.oneReady();
};

describe('requests in flight', () => {
  it.each([
    ['Envoy', envoyPage, 'envoy_cluster_upstream_rq_active{envoy_cluster_name="autoscale-go"}'],
    ['nginx', nginxPage, 'nginx_connections_active'],
    ['the app', appPage, 'http_requests_active{route!="/healthz"}'],
  ])(
    'of %s: 50 of them are five pods, and when there are none one',
    async (_name, exported, selector) => {
      let active = 50;
      page = () => exported(active);
      await begin({ concurrency: selector, url: url('/metrics') });
      expect(await world.replicasReach(5)).toBe(5);
      active = 0;
      await until('one', () => (world.replicas() === 1 ? true : undefined));
    },
  );

  it('a page that fails is no zero: the pods stay', async () => {
    page = () => envoyPage(50);
    await begin({
      concurrency: 'envoy_cluster_upstream_rq_active{envoy_cluster_name="autoscale-go"}',
      url: url('/stats/prometheus'),
    });
    await world.replicasReach(5);
    page = undefined;
    const blind = await until('it is blind', async () => {
      const ticks = await world.of('TickObserved');
      return ticks.findLast(({ data }) => data.rows.seen.includes('blind'));
    });
    await until('more than its window has gone by', async () => {
      const last = (await world.of('TickObserved')).at(-1);
      return (last?.atMs ?? 0) > blind.atMs + 8_000 ? true : undefined;
    });
    expect(world.replicas()).toBe(5);
  });

  it('seen by an activator too are counted once', async () => {
    page = () => appPage(20);
    // What goes through the activator is a part of what the ingress has.
    const telling = setInterval(() => void world.tellSecond(15), 200);
    try {
      await begin({ concurrency: 'http_requests_active{route="/"}', url: url('/metrics') });
      await world.replicasReach(2);
      const from = await until('a tick', async () => (await world.of('TickObserved')).at(-1));
      await until('a window has gone by', async () => {
        const last = (await world.of('TickObserved')).at(-1);
        return (last?.atMs ?? 0) > from.atMs + 6_000 ? true : undefined;
      });
    } finally {
      clearInterval(telling);
    }
    const most = Math.max(...(await world.of('Decided')).map(({ data }) => data.to));
    expect(most).toBe(2);
  });
});

describe('requests per second', () => {
  it.each([
    [
      'ingress-nginx',
      ingressNginxPage,
      'nginx_ingress_controller_requests{namespace="default",ingress="autoscale-go"}',
    ],
    [
      'Istio',
      istioPage,
      'istio_requests_total{reporter="source",' +
        'destination_service=~"autoscale-go[.]default[.]svc[.].*"}',
    ],
  ])('of %s: 100 with a target of 10 are ten pods', async (_name, exported, selector) => {
    const fromMs = performance.now();
    page = () => exported(Math.round((performance.now() - fromMs) / 10));
    await begin({
      'autoscaling.knative.dev/metric': 'rps',
      requests: selector,
      url: url('/metrics'),
    });
    expect(await world.replicasReach(9)).toBeGreaterThanOrEqual(9);
    const most = Math.max(...(await world.of('Decided')).map(({ data }) => data.to));
    // Counted twice they would be twenty. A page that is read late shows more than ten's worth.
    expect(most).toBeLessThan(20);
  });
});
