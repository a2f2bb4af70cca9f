/** A Deployment that KEDA's HTTP add-on scaled, brought over by `flyball import --apply`. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { askGateway } from '../../e2e/harness/ask.ts';
import { runLoad } from '../../e2e/harness/load.ts';
import { until } from '../../e2e/harness/until.ts';
import { isStale } from '../api/api-client.ts';
import { deploymentsPath, untilReplicas } from '../harness/deployment.ts';
import { openScene, type Scene } from '../harness/scene.ts';
import { followEndpoints } from '../harness/service-endpoints.ts';

const limitMs = 60_000;
const namespace = 'scene-from-keda';
const name = 'shop';
/** By this name the ingress asked the interceptor for it. */
const host = 'shop.test';
const where = { namespace, name, limitMs };
const kubeconfig = inject('kubeconfig');
const objects = `/apis/http.keda.sh/v1alpha1/namespaces/${namespace}/httpscaledobjects`;

/** KEDA's kind, without KEDA. */
const definition = {
  ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
  metadata: { name: 'httpscaledobjects.http.keda.sh' },
  spec: {
    group: 'http.keda.sh',
    scope: 'Namespaced',
    names: { kind: 'HTTPScaledObject', plural: 'httpscaledobjects', singular: 'httpscaledobject' },
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true },
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
};

const deployment = {
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 5,
        containers: [
          {
            name: 'app',
            image: 'gcr.io/knative-samples/autoscale-go:0.1',
            ports: [{ containerPort: 8080 }],
            readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
};

const service = {
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
};

const scaledObject = {
  ...{ apiVersion: 'http.keda.sh/v1alpha1', kind: 'HTTPScaledObject', metadata: { name } },
  spec: {
    hosts: [host],
    scaleTargetRef: { name, service: name, port: 80 },
    replicas: { max: 4 },
    scaledownPeriod: 0,
    scalingMetric: { concurrency: { targetValue: 10 } },
  },
};

let scene: Scene;

beforeAll(async () => {
  scene = await openScene(namespace, { kubeconfig });
  const { api } = scene;
  const created = api.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  await created.catch((error: unknown) => {
    if (!isStale(error)) throw error;
  });
  await api.create(deploymentsPath(namespace), deployment);
  await api.create(`/api/v1/namespaces/${namespace}/services`, service);
  const create = () => api.create(objects, scaledObject).then(Boolean, () => false);
  await until('the kind of KEDA is served', { limitMs }, create);
  await untilReplicas(api, where, 1);
});

afterAll(() => scene.close());

const importAll = () => {
  const words = ['--namespace', namespace, '--kubeconfig', kubeconfig, '--apply'];
  return scene.flyball.place.flyball('import', ...words);
};

test('is Flyball’s after one command: its load is scaled, and nothing fails', async () => {
  const { place, gatewayUrl } = scene.flyball;
  expect(await importAll()).toMatchObject({ code: 0 });
  const reached = async () => (await askGateway(gatewayUrl, host, { limitMs })).status === 200;
  await until(`${host} leads to it`, { limitMs }, reached);
  const load = runLoad({ place, gatewayUrl, host, connections: 30, seconds: 10 });
  await untilReplicas(scene.api, where, 3);
  const { statuses, failures } = await load;
  expect(failures).toBe(0);
  expect(Object.keys(statuses)).toEqual(['200']);
});

test('goes to zero behind the activator, and the first request is held', async () => {
  await untilReplicas(scene.api, where, 0);
  const endpoints = await followEndpoints(scene.api, { namespace, name, portName: 'http' });
  try {
    const seen = () => endpoints.now();
    // What was kept for the selector would lead to pods that are gone.
    await until('the Service leads to an activator', { limitMs, seen }, async () => {
      return endpoints.now().length === 1;
    });
  } finally {
    await endpoints[Symbol.asyncDispose]();
  }
  const answer = await askGateway(scene.flyball.gatewayUrl, host, { limitMs });
  expect(answer.status).toBe(200);
});

test('and the doctor finds nothing that fights', async () => {
  const words = ['doctor', '--kubeconfig', kubeconfig, '--output', 'json'];
  const { out } = await scene.flyball.place.flyball(...words);
  const { checks } = JSON.parse(out) as {
    readonly checks: readonly { readonly ok: boolean; readonly found: string }[];
  };
  expect(checks.length).toBeGreaterThan(3);
  expect(checks.filter(({ ok, found }) => !ok && found.includes(namespace))).toEqual([]);
});
