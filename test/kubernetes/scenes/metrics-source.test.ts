/** A Deployment without sidecar and activator: what an ingress exports decides its pods. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDeployment, untilReplicas } from '../harness/deployment.ts';
import { openScene, type Scene } from '../harness/scene.ts';

const namespace = 'scene-metrics-source';
const where = { namespace, name: 'web', limitMs: 60_000 };
const series = 'envoy_cluster_upstream_rq_active{envoy_cluster_name="web"}';

let scene: Scene;
let ingress: Server;
let active = 0;

beforeAll(async () => {
  ingress = createServer((_request, response) => {
    response.end(`# TYPE envoy_cluster_upstream_rq_active gauge\n${series} ${active}\n`);
  });
  ingress.listen(0, '127.0.0.1');
  await once(ingress, 'listening');
  const replicas = { controller: 0 };
  scene = await openScene(namespace, { kubeconfig: inject('kubeconfig'), replicas });
});

afterAll(async () => {
  await scene.close();
  ingress.closeAllConnections();
  ingress.close();
});

test('50 requests in flight at the ingress are five pods, none is one', async () => {
  const { port } = ingress.address() as AddressInfo;
  const annotations = {
    'autoscaling.knative.dev/target': '10',
    'autoscaling.knative.dev/window': '6s',
    'autoscaling.knative.dev/min-scale': '1',
    'flyball.dev/metrics-url': `http://127.0.0.1:${port}/stats/prometheus`,
    'flyball.dev/metrics-concurrency': series,
  };
  await createDeployment(scene.api, { ...where, annotations });
  await untilReplicas(scene.api, where, 1);
  active = 50;
  await untilReplicas(scene.api, where, 5);
  active = 0;
  await untilReplicas(scene.api, where, 1);
  const { place } = scene.flyball;
  const verified = await place.flyball('replay', 'verify', `${namespace}/web`);
  expect(verified).toMatchObject({ code: 0 });
});
