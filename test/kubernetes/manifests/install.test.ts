/** The dev overlay, applied: in whatever order things come up, all of it works in the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { askGateway } from '../../e2e/harness/ask.ts';
import { until } from '../../e2e/harness/until.ts';
import { type Bundles, makeBundles } from '../../integration/images/bundled-process.ts';
import { objectsOf, servicesOf } from '../../manifests/rendered-overlay.ts';
import { type ApiClient, connectApi } from '../api/api-client.ts';
import { createDeployment, untilReplicas } from '../harness/deployment.ts';
import { type Installed, install } from './installed.ts';

const limitMs = 120_000;
const hooksMaxMs = 300_000;
const system = 'flyball-system';
const namespace = 'installed';

let folder: string;
let api: ApiClient;
let bundles: Bundles;
const services = [...servicesOf(objectsOf('dev')).keys()];
let installed: Installed | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flyball-install-'));
  bundles = await makeBundles(...services);
  const kubeconfig = inject('kubeconfig');
  api = await connectApi(kubeconfig);
  await api.create('/api/v1/namespaces', { metadata: { name: namespace } });
  installed = await install({ api, kubeconfig, folder, bundles });
}, hooksMaxMs);

afterAll(async () => {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  await installed?.remove();
  await api.close();
  await bundles[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

const stateSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ replicas: z.int() }),
  status: z.looseObject({ readyReplicas: z.int().default(0) }),
});

test('every Deployment gets ready by itself', async () => {
  const list = async () => {
    const { items } = await api.list(`/apis/apps/v1/namespaces/${system}/deployments`);
    return items.map((item) => stateSchema.parse(item));
  };
  const unready = async () => {
    const waiting = (await list()).filter(({ spec, status }) => {
      return status.readyReplicas !== spec.replicas;
    });
    return waiting.map(({ metadata }) => metadata.name);
  };
  expect((await list()).map(({ metadata }) => metadata.name)).toEqual([
    ...['activator', 'actuator', 'collector', 'controller', 'decider', 'watcher', 'webhook'],
    'windower',
  ]);
  await until('all are ready', { limitMs, seen: unready }, async () => {
    return (await unready()).length === 0;
  });
});

test('a Deployment at zero answers at the endpoints of its public Service', async () => {
  const annotations = { 'autoscaling.knative.dev/target': '10' };
  await createDeployment(api, { namespace, name: 'web', annotations });
  await api.create(`/api/v1/namespaces/${namespace}/services`, {
    metadata: { name: 'web', annotations: { 'flyball.dev/deployment': 'web' } },
    spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const endpoint = async () => {
    const { items } = await api.list(path, { labelSelector: 'kubernetes.io/service-name=web' });
    const found = /"addresses":\["([\d.]+)"\]/.exec(JSON.stringify(items))?.[1];
    return found;
  };
  const address = await until('it has an endpoint', { limitMs, seen: endpoint }, endpoint);
  const answer = await askGateway(`http://${address}:8080`, `web.${namespace}.svc.cluster.local`, {
    limitMs,
  });
  expect(answer.status).toBe(200);
  await untilReplicas(api, { namespace, name: 'web', limitMs }, 1);
});
