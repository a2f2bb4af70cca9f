/** A public Service under constant load: in and out of the activator's path, nothing fails. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { until } from '../../e2e/harness/until.ts';
import { createDeployment, podsOf, untilReplicas } from '../harness/deployment.ts';
import { openScene, type Scene } from '../harness/scene.ts';
import { type FollowedEndpoints, followEndpoints } from '../harness/service-endpoints.ts';
import { startServiceLoad } from '../harness/service-load.ts';

const limitMs = 60_000;
const namespace = 'scene-routing';
const name = 'web';
const host = `${name}.${namespace}.svc.cluster.local`;
const prefix = 'autoscaling.knative.dev';
const where = { namespace, name, limitMs };
const switchesMin = 20;

let scene: Scene;
let endpoints: FollowedEndpoints;

const services = `/api/v1/namespaces/${namespace}/services`;

/** The public Service: no selector, and the Deployment's name. */
const createPublicService = () =>
  scene.api.create(services, {
    metadata: { name, annotations: { 'flyball.dev/deployment': name } },
    spec: { ports: [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }] },
  });

const annotate = (annotations: Readonly<Record<string, string>>) =>
  scene.api.patch(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, {
    metadata: { annotations },
  });

const addresses = (): readonly string[] => endpoints.now().map(({ address }) => address);

const untilThrough = async (way: 'activator' | 'pods'): Promise<void> => {
  const seen = () => addresses();
  await until(`${name} leads to its ${way}`, { limitMs, seen }, async () => {
    const pods = (await podsOf(scene.api, namespace, name)).map(({ status }) => status.podIP);
    const now = addresses();
    return now.length > 0 && now.every((one) => pods.includes(one) === (way === 'pods'));
  });
};

beforeAll(async () => {
  scene = await openScene(namespace, {
    kubeconfig: inject('kubeconfig'),
    replicas: { activator: 2 },
  });
  await createPublicService();
  await createDeployment(scene.api, { ...where, annotations: { [`${prefix}/target`]: '10' } });
  endpoints = await followEndpoints(scene.api, { namespace, name, portName: 'http' });
});

afterAll(async () => {
  await endpoints[Symbol.asyncDispose]();
  await scene.close();
});

test('at zero it leads to the activators, and the first request starts a pod', async () => {
  await untilThrough('activator');
  expect(addresses().length).toBe(2);
  // A Service leads somewhere as soon as it is there; its hosts are known a little later.
  await until('its host is known', { limitMs }, async () => {
    const told = (await scene.history(name)).filter(({ type }) => type.includes('reachable'));
    return JSON.stringify(told).includes(host);
  });
  const load = startServiceLoad({ endpoints, host, path: '/', clients: 1, pauseMs: 50 });
  await untilReplicas(scene.api, where, 1);
  await until('it is answered', { limitMs }, () => load.answered() > 0);
  const { failures, statuses, failed } = await load.stop();
  expect({ failures, failed, statuses: Object.keys(statuses) }).toEqual({
    ...{ failures: 0, failed: [] },
    statuses: ['200'],
  });
});

test(`under constant load no request fails over ${switchesMin} switches`, async () => {
  await annotate({ [`${prefix}/min-scale`]: '2', [`${prefix}/target-burst-capacity`]: '-1' });
  await untilReplicas(scene.api, where, 2);
  await untilThrough('activator');
  const load = startServiceLoad({ endpoints, host, path: '/?sleep=20', clients: 12, pauseMs: 20 });
  let switches = 0;
  for (; switches < switchesMin; switches += 1) {
    const toPods = switches % 2 === 0;
    await annotate({ [`${prefix}/target-burst-capacity`]: toPods ? '0' : '-1' });
    await untilThrough(toPods ? 'pods' : 'activator');
    const before = load.answered();
    await until('requests go the new way', { limitMs }, () => load.answered() > before + 50);
  }
  const result = await load.stop();
  expect(result).toMatchObject({ failures: 0, failed: [] });
  expect(Object.keys(result.statuses)).toEqual(['200']);
  // Each way carried requests, and both activators and both pods had some of them.
  expect(Object.keys(result.byEndpoint).length).toBeGreaterThanOrEqual(4);
  expect(endpoints.emptied()).toBe(0);
  expect(result.statuses[200]).toBeGreaterThan(switchesMin * 50);
});

test('when the load ends it leads to the activators before the last pod goes', async () => {
  await annotate({ [`${prefix}/target-burst-capacity`]: '0' });
  const load = startServiceLoad({ endpoints, host, path: '/', clients: 2, pauseMs: 20 });
  await untilThrough('pods');
  await until('it is answered', { limitMs }, () => load.answered() > 50);
  expect(await load.stop()).toMatchObject({ failures: 0, failed: [] });
  await annotate({ [`${prefix}/min-scale`]: '0' });
  await untilReplicas(scene.api, where, 0);
  await untilThrough('activator');
  expect(endpoints.emptied()).toBe(0);
  const again = startServiceLoad({ endpoints, host, path: '/', clients: 4, pauseMs: 20 });
  await until('it is answered', { limitMs }, () => again.answered() > 20);
  expect(await again.stop()).toMatchObject({ failures: 0, failed: [] });
});

test('an ordinary Service becomes a public one under load, and no request fails', async () => {
  const live = 'live';
  const at = { namespace, name: live, limitMs };
  const annotations = { [`${prefix}/min-scale`]: '2' };
  await createDeployment(scene.api, { ...at, annotations });
  await untilReplicas(scene.api, at, 2);
  await scene.api.create(services, {
    metadata: { name: live },
    spec: { selector: { app: live }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });
  const followed = await followEndpoints(scene.api, { namespace, name: live, portName: 'http' });
  await until('Kubernetes leads to the pods', { limitMs }, () => followed.now().length === 2);
  const load = startServiceLoad({
    ...{
      endpoints: followed,
      host: `${live}.${namespace}.svc`,
      path: '/',
      clients: 8,
      pauseMs: 10,
    },
  });
  await until('it is answered', { limitMs }, () => load.answered() > 100);
  await scene.api.patch(`${services}/${live}`, {
    metadata: { annotations: { 'flyball.dev/deployment': live } },
    spec: { selector: null },
  });
  const pods = (await podsOf(scene.api, namespace, live)).map(({ status }) => status.podIP);
  const seen = () => followed.now();
  // The burst capacity of a small workload keeps the activators in the path.
  await until('it leads to the activators only', { limitMs, seen }, () => {
    return (
      followed.now().length === 2 && followed.now().every(({ address }) => !pods.includes(address))
    );
  });
  const before = load.answered();
  await until('requests go the new way', { limitMs }, () => load.answered() > before + 100);
  const { failures, failed, statuses } = await load.stop();
  expect({ failures, failed, statuses: Object.keys(statuses) }).toEqual({
    ...{ failures: 0, failed: [] },
    statuses: ['200'],
  });
  expect(followed.emptied()).toBe(0);
  await followed[Symbol.asyncDispose]();
});

test('an activator takes its leave under load, and no request fails', async () => {
  await annotate({ [`${prefix}/min-scale`]: '1', [`${prefix}/target-burst-capacity`]: '-1' });
  await untilReplicas(scene.api, where, 1);
  await untilThrough('activator');
  const load = startServiceLoad({ endpoints, host, path: '/', clients: 8, pauseMs: 10 });
  await until('it is answered', { limitMs }, () => load.answered() > 100);
  const stays = new URL(scene.flyball.gatewayUrl).hostname;
  // As when its pod is to end: first it leaves its own Service, then it gets SIGTERM.
  await scene.flyball.activatorService.setAddresses([stays]);
  const seen = () => addresses();
  await until('only one is led to', { limitMs, seen }, () => addresses().join() === stays);
  // The gateway's address is that of the one that was started first.
  const [, leaves] = scene.flyball
    .replicas('activator')
    .toSorted((one, other) => Number(one.instance) - Number(other.instance));
  await leaves?.process.end();
  const before = load.answered();
  await until('it goes on', { limitMs }, () => load.answered() > before + 200);
  expect(await load.stop()).toMatchObject({ failures: 0, failed: [] });
});

test('each scale is told on the Deployment, and how it is now', async () => {
  const seen = () => scene.kubectl('describe', 'deployment', name, '--namespace', namespace);
  await until('kubectl describe tells the scales', { limitMs, seen }, async () => {
    const said = await seen();
    return /Scaled 0 → 1: .*in flight/.test(said) && said.includes('flyball.dev/status-desired');
  });
});
