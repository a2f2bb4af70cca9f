/** RBAC grants what is called and nothing else, by the audit log of a real API server. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { askGateway } from '../../e2e/harness/ask.ts';
import { startLoad } from '../../e2e/harness/load.ts';
import { until } from '../../e2e/harness/until.ts';
import { objectsOf } from '../../manifests/rendered-overlay.ts';
import { isStale } from '../api/api-client.ts';
import { createDeployment, deploymentsPath, untilReplicas } from '../harness/deployment.ts';
import { covers, grantedRights, rightWords } from './granted-rights.ts';
import { openRightsScene, type RightsScene } from './rights-scene.ts';

const limitMs = 90_000;
const calledLimitMs = 60_000;
const namespace = 'rights';
const elsewhere = inject('clusterKind') !== 'own';
const servings = `/apis/serving.knative.dev/v1/namespaces/${namespace}/services`;

const internal = '/apis/autoscaling.internal.knative.dev/v1alpha1';
const autoscalers = `${internal}/namespaces/${namespace}/podautoscalers`;

/** Of the set-up; its own test runs it with its own account. */
const triedElsewhere = /^set-up: /;

/** Granted for what a test cannot bring about at will, each with when it is called. */
const rare: Readonly<Record<string, string>> = {
  'actuator: create discovery.k8s.io/endpointslices': 'the controller has written none yet',
  'actuator: delete discovery.k8s.io/endpointslices': 'fewer endpoints fill fewer slices',
  'actuator: get apps/deployments': 'a scale was refused because the Deployment had changed',
  'actuator: get services': 'a Service had changed while it was led elsewhere',
  'controller: delete discovery.k8s.io/endpointslices': 'Kubernetes was not there before it',
  'controller: delete endpoints': 'a Service with ready pods lost its selector',
  'webhook: update secrets in flyball-system': 'the certificate comes to its end',
};

let scene: RightsScene | undefined;

beforeAll(async () => {
  if (elsewhere) return;
  scene = await openRightsScene();
  await scene.api.create('/api/v1/namespaces', { metadata: { name: namespace } });
});

afterAll(() => scene?.close());

const opened = (): RightsScene => {
  if (scene === undefined) throw new Error('the scene did not open');
  return scene;
};

const isThere = async (path: string): Promise<boolean> => {
  try {
    await opened().api.get(path);
    return true;
  } catch (error) {
    if (isStale(error)) return false;
    throw error;
  }
};

const scaleWithQueueProxies = async (): Promise<void> => {
  const { api, flyball } = opened();
  const { gatewayUrl, place } = flyball;
  const where = { namespace, name: 'web', limitMs };
  const annotations = {
    'autoscaling.knative.dev/target': '5',
    'autoscaling.knative.dev/target-burst-capacity': '0',
    'flyball.dev/inject': 'true',
  };
  await createDeployment(api, { namespace, name: 'web', annotations });
  const services = `/api/v1/namespaces/${namespace}/services`;
  await api.create(services, {
    metadata: { name: 'web', annotations: { 'flyball.dev/deployment': 'web' } },
    spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });
  const host = `web.${namespace}.example.com`;
  expect((await askGateway(gatewayUrl, host, { limitMs })).status).toBe(200);
  const load = startLoad({ place, gatewayUrl, host, connections: 15 });
  await untilReplicas(api, where, 3);
  await load.stop();
  const less = startLoad({ place, gatewayUrl, host, connections: 2 });
  await untilReplicas(api, where, 1);
  await less.stop();
  await untilReplicas(api, where, 0);
  await api.delete(`${services}/web`);
};

const handOverToHpa = async (): Promise<void> => {
  const { api } = opened();
  const prefix = 'autoscaling.knative.dev';
  const path = `${deploymentsPath(namespace)}/cpu`;
  const hpas = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
  const annotate = (annotations: Readonly<Record<string, string | null>>) =>
    api.patch(path, { spec: { template: { metadata: { annotations } } } });
  const annotations = {
    [`${prefix}/class`]: `hpa.${prefix}`,
    ...{ [`${prefix}/metric`]: 'cpu', [`${prefix}/target`]: '50' },
    ...{ [`${prefix}/min-scale`]: '1', [`${prefix}/max-scale`]: '2' },
  };
  await createDeployment(api, { namespace, name: 'cpu', annotations, replicas: 1 });
  const list = async () => JSON.stringify((await api.list(hpas)).items);
  const untilSays = (what: string, text: RegExp) =>
    until(what, { limitMs, seen: list }, async () => text.test(await list()));
  await untilSays('the HPA is there', /"maxReplicas":2/);
  await annotate({ [`${prefix}/max-scale`]: '3' });
  await untilSays('the HPA is changed', /"maxReplicas":3/);
  await annotate({ [`${prefix}/class`]: `kpa.${prefix}`, [`${prefix}/metric`]: null });
  await untilSays('the HPA is gone', /^\[\]$/);
};

/** Bounds that a user edits are copied; what is ours is put right again. */
const meddle = async (): Promise<void> => {
  const { api } = opened();
  const group = `autoscaling.internal.knative.dev/v1alpha1/namespaces/${namespace}`;
  const autoscaler = `/apis/${group}/podautoscalers/go-00001`;
  const route = `/apis/serving.knative.dev/v1/namespaces/${namespace}/routes/go`;
  await until('its PodAutoscaler is there', { limitMs }, () => isThere(autoscaler));
  const annotations = { 'autoscaling.knative.dev/maxScale': '4' };
  await api.patch(autoscaler, { metadata: { annotations }, spec: { reachability: 'Unknown' } });
  await api.patch(route, { spec: { traffic: [] } });
  const deployment = `${deploymentsPath(namespace)}/go-00001-deployment`;
  const rightAgain: readonly (readonly [string, RegExp])[] = [
    [deployment, /"autoscaling.knative.dev\/(maxScale|max-scale)":"4"/],
    [autoscaler, /"reachability":"Reachable"/],
    [route, /"percent":100/],
  ];
  for (const [path, text] of rightAgain) {
    const seen = async () => JSON.stringify(await api.get(path));
    await until(`${path} is right`, { limitMs, seen }, async () => text.test(await seen()));
  }
};

const serveKnative = async (): Promise<void> => {
  const { api } = opened();
  const image = 'gcr.io/knative-samples/autoscale-go:0.1';
  const template = (env: string, maxScale: string) => ({
    metadata: { annotations: { 'autoscaling.knative.dev/maxScale': maxScale } },
    spec: { containers: [{ image, env: [{ name: 'TRIED', value: env }] }] },
  });
  const seen = async () => JSON.stringify(await api.get(`${servings}/go`).catch(String));
  const untilLatest = (revision: string) =>
    until(`${revision} is ready`, { limitMs, seen }, async () =>
      (await seen()).includes(`"latestReadyRevisionName":"${revision}"`),
    );
  await until('the kinds are served', { limitMs }, () =>
    api.list(servings).then(
      () => true,
      () => false,
    ),
  );
  const spec = { template: template('1', '2') };
  await api.create(servings, {
    ...{ apiVersion: 'serving.knative.dev/v1', kind: 'Service' },
    ...{ metadata: { name: 'go' }, spec },
  });
  await untilLatest('go-00001');
  await meddle();
  await api.patch(`${servings}/go`, { spec: { template: template('2', '2') } });
  await untilLatest('go-00002');
  const first = `${deploymentsPath(namespace)}/go-00001-deployment`;
  await until('the first revision is gone', { limitMs }, async () => !(await isThere(first)));
  const status = async () => JSON.stringify(await api.get(`${autoscalers}/go-00002`).catch(String));
  await until('the PodAutoscaler has a status', { limitMs, seen: status }, async () =>
    (await status()).includes('"status":{'),
  );
  await api.delete(`${servings}/go`);
};

const lookUpGateway = async (): Promise<void> => {
  const { api } = opened();
  const path = `/api/v1/namespaces/${namespace}/services`;
  const ports = [{ name: 'http2', port: 80 }];
  await api.create(path, {
    metadata: { name: 'gateway' },
    spec: { type: 'LoadBalancer', loadBalancerClass: 'flyball.dev/gateway', ports },
  });
  const seen = async () => JSON.stringify(await api.get(`${path}/gateway`));
  await until('the gateway has an address', { limitMs, seen }, async () =>
    /"ingress":\[\{"ip":"/.test(await seen()),
  );
};

test.skipIf(elsewhere)('everything works with the rights of the manifests', async () => {
  await Promise.all([scaleWithQueueProxies(), handOverToHpa(), serveKnative(), lookUpGateway()]);
  const refused = (await opened().asked()).filter(({ status }) => status === 403);
  expect(refused).toEqual([]);
});

test.skipIf(elsewhere)('no right is granted that nobody needs', async () => {
  const rights = grantedRights(objectsOf('production'));
  const unused = async (): Promise<readonly string[]> => {
    const asked = await opened().asked();
    const left = rights.filter((right) => !asked.some((one) => covers(right, one)));
    const words = new Set(left.map(rightWords).filter((word) => !triedElsewhere.test(word)));
    return [...words].filter((word) => rare[word] === undefined);
  };
  // Some calls follow what they are about by a while: a status, what was left behind.
  await expect.poll(unused, { timeout: calledLimitMs, interval: 1_000 }).toEqual([]);
  const granted = rights.map(rightWords);
  expect(Object.keys(rare).filter((word) => !granted.includes(word))).toEqual([]);
});
