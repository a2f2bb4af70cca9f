/** On a real API server: Deployments get their sidecar, and wrong settings are refused by name. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { until } from '../../e2e/harness/until.ts';
import { type ApiClient, connectApi } from '../api/api-client.ts';
import { podsOf } from '../harness/deployment.ts';
import type { PodObject } from '../node/pod-object.ts';
import { startWebhook, type WebhookBed } from './webhook-bed.ts';

const namespace = `webhook-${Date.now().toString(36)}`;
const limitMs = 60_000;
const run = promisify(execFile);

let api: ApiClient;
let webhook: WebhookBed | undefined;

beforeAll(async () => {
  api = await connectApi(inject('kubeconfig'));
  await api.create('/api/v1/namespaces', { metadata: { name: namespace } });
  webhook = await startWebhook(api, inject('kubeconfig'), namespace);
});
afterAll(async () => {
  await webhook?.[Symbol.asyncDispose]();
  await api.delete(`/api/v1/namespaces/${namespace}`);
  await api.close();
});

interface Written {
  readonly own?: Record<string, string>;
  readonly template?: Record<string, string>;
  readonly replicas?: number;
}

const app = {
  name: 'app',
  image: 'gcr.io/knative-samples/autoscale-go:0.1',
  ports: [{ name: 'http', containerPort: 8080 }],
  readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
};

const deployment = (name: string, { own = {}, template = {}, replicas = 1 }: Written) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, annotations: own },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name }, annotations: template },
      spec: { terminationGracePeriodSeconds: 5, containers: [app] },
    },
  },
});

/** `kubectl <verb> -f`; rejects with what it says. */
const kubectl = async (verb: 'create' | 'apply', object: object) => {
  const file = join(tmpdir(), `${namespace}-${Math.random().toString(36).slice(2)}.yaml`);
  await writeFile(file, stringify(object));
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, KUBECONFIG: inject('kubeconfig') };
  return run('kubectl', [verb, '-f', file], { env, timeout: limitMs });
};

const firstPod = (name: string, is: (pod: PodObject) => boolean = () => true): Promise<PodObject> =>
  until(`a pod of ${name}`, { limitMs }, async () => {
    return (await podsOf(api, namespace, name)).find(is);
  });

const namesIn = ({ spec }: PodObject): string[] => spec.containers.map(({ name }) => name);

const isReady = ({ status }: PodObject): boolean => {
  const conditions = (status.conditions ?? []) as { type: string; status: string }[];
  return conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
};

describe('a Deployment that asks', () => {
  test('gets a queue-proxy that serves, with the limits of its annotations', async () => {
    const own = { 'flyball.dev/enabled': 'true', 'flyball.dev/container-concurrency': '7' };
    await kubectl(
      'create',
      deployment('asks', { own, template: { 'flyball.dev/inject': 'true' } }),
    );
    const pod = await firstPod('asks', isReady);
    expect(namesIn(pod)).toEqual(['app', 'queue-proxy']);
    const [serving, sidecar] = pod.spec.containers;
    expect(serving?.readinessProbe).toBeUndefined();
    expect(sidecar?.ports.map(({ name }) => name)).toEqual(['queue-port', 'queue-metrics']);
    const limit = sidecar?.env.find(({ name }) => name === 'FLYBALL_CONTAINER_CONCURRENCY');
    expect(limit?.value).toBe('7');
    const answer = await fetch(`http://${pod.status.podIP}:8012/?sleep=1`);
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('Slept')]);
    const page = await (await fetch(`http://${pod.status.podIP}:9090/metrics`)).text();
    expect(page).toContain('flyball_queue_proxy_requests_total 1');
  });

  test('that does not ask has none', async () => {
    await kubectl('create', deployment('plain', { own: { 'flyball.dev/enabled': 'true' } }));
    expect(namesIn(await firstPod('plain'))).toEqual(['app']);
  });

  test('in a namespace that asks gets one, unless it declines', async () => {
    const path = `/api/v1/namespaces/${namespace}`;
    await api.patch(path, { metadata: { labels: { 'flyball.dev/inject': 'true' } } });
    await kubectl('create', deployment('all', {}));
    const declines = { 'flyball.dev/inject': 'false' };
    await kubectl('create', deployment('but', { template: declines }));
    expect(namesIn(await firstPod('all'))).toEqual(['app', 'queue-proxy']);
    expect(namesIn(await firstPod('but'))).toEqual(['app']);
    await api.patch(path, { metadata: { labels: { 'flyball.dev/inject': null } } });
  });
});

test('a pod that ends when its work is done gets none, and it is said why', async () => {
  const asks = { annotations: { 'flyball.dev/inject': 'true' }, labels: { app: 'work' } };
  const metadata = { name: 'work', namespace, ...asks };
  // Nobody runs it.
  const spec = { schedulerName: 'nobody', restartPolicy: 'Never', containers: [app] };
  const { stderr } = await kubectl('create', { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  expect(stderr).toContain('No queue-proxy is added: Its restartPolicy is Never');
  expect(namesIn(await firstPod('work'))).toEqual(['app']);
});

describe('settings', () => {
  const key = 'autoscaling.knative.dev';
  const ours = { 'flyball.dev/enabled': 'true' };

  test('that are wrong are refused, each with its sentence', async () => {
    const own = { ...ours, [`${key}/target`]: '0' };
    const template = { 'flyball.dev/metrics-concurrency': 'rate(active[1m])' };
    const refused = kubectl('apply', deployment('wrong', { own, template, replicas: 0 }));
    await expect(refused).rejects.toThrow(/target is outside of the allowed range/);
    await expect(refused).rejects.toThrow(/metrics-concurrency is more than a metric with labels/);
  });

  test('that have no effect are warned of', async () => {
    const own = { ...ours, [`${key}/min-scle`]: '1' };
    const { stderr } = await kubectl('apply', deployment('warned', { own, replicas: 0 }));
    expect(stderr).toContain(`did you mean ${key}/min-scale?`);
  });

  test('that were wrong already keep nobody from scaling', async () => {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await kubectl('apply', deployment('edited', { own: ours, replicas: 0 }));
    const wrong = { metadata: { annotations: { [`${key}/window`]: '1s' } } };
    await expect(api.patch(`${path}/edited`, wrong)).rejects.toThrow(/window/);
    await api.patch(`${path}/edited/scale`, { spec: { replicas: 1 } });
    expect(namesIn(await firstPod('edited'))).toEqual(['app']);
  });
});

test('all replicas serve one certificate; a new one is trusted before it is served', async () => {
  const [first, second] = (await webhook?.served()) ?? [];
  expect([first, second]).toEqual([expect.stringMatching(/:/), first]);
  await api.delete(`/api/v1/namespaces/${namespace}/secrets/webhook-certificate`);
  await until('both serve another', { limitMs }, async () => {
    const served = (await webhook?.served()) ?? [];
    return served[0] !== first && served[0] === served[1];
  });
  await kubectl('create', deployment('renewed', { template: { 'flyball.dev/inject': 'true' } }));
  expect(namesIn(await firstPod('renewed'))).toEqual(['app', 'queue-proxy']);
});

test('without the webhook everything is let through', async () => {
  await webhook?.end();
  const wrong = { 'flyball.dev/enabled': 'true', 'autoscaling.knative.dev/target': '0' };
  const template = { 'flyball.dev/inject': 'true' };
  await kubectl('create', deployment('alone', { own: wrong, template }));
  expect(namesIn(await firstPod('alone'))).toEqual(['app']);
});
