/** The dev overlay, applied: in whatever order things come up, all of it works in the end. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RunningSink, startSink } from '@flyball/telemetry/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { ask, askGateway } from '../../e2e/harness/ask.ts';
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
let jaeger: RunningSink;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flyball-install-'));
  bundles = await makeBundles(...services);
  const kubeconfig = inject('kubeconfig');
  api = await connectApi(kubeconfig);
  await api.create('/api/v1/namespaces', { metadata: { name: namespace } });
  jaeger = await startSink();
  const place = { api, kubeconfig, folder, bundles, jaegerUrl: jaeger.url };
  installed = await install(place);
}, hooksMaxMs);

afterAll(async () => {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  await installed?.remove();
  await jaeger.close();
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
    ...['activator', 'actuator', 'collector', 'console', 'controller', 'decider', 'watcher'],
    ...['webhook', 'windower'],
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

test('the console shows its cold start, which Jaeger is told of as well', async () => {
  const { consoleUrl = '' } = installed ?? {};
  const query = `?workload=${namespace}/web&kind=${encodeURIComponent('cold start')}`;
  const host = `console.${system}.svc:8080`;
  const told = async () => {
    const { status, text } = await ask(consoleUrl, host, { path: `/api/traces${query}` });
    expect(status).toBe(200);
    return z.array(z.looseObject({ traceId: z.string(), spans: z.int() })).parse(JSON.parse(text));
  };
  const [trace] = await until('it has the trace', { limitMs, seen: told }, async () => {
    const found = await told();
    return found.some(({ spans }) => spans > 5) && found;
  });
  await until('Jaeger was told of it', { limitMs }, async () => {
    const services = jaeger.spans
      .filter(({ traceId }) => traceId === trace?.traceId)
      .map(({ service }) => service);
    return ['flyball-activator', 'flyball-decider'].every((one) => services.includes(one));
  });
  const page = await ask(consoleUrl, `console:8080`);
  expect(page.text).toContain('<title>Flyball</title>');
  expect((await ask(consoleUrl, 'attacker.example.com')).status).not.toBe(200);
});

test('flyball trace --cluster finds it by a port-forward', async () => {
  const main = join(import.meta.dirname, '../../../services/cli/src/main.ts');
  const words = ['trace', '--cluster', '--kubeconfig', inject('kubeconfig'), '-o', 'json'];
  const node = ['--disable-warning=ExperimentalWarning', main, ...words];
  const { stdout } = await promisify(execFile)(process.execPath, node);
  const told = { kind: 'cold start', workload: `${namespace}/web` };
  expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining(told));
});
