/** The router on a real API server: what it writes, and what becomes of two that disagree. */
import type { Routing } from '@flyball/contracts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { ClusterAccess } from '../cluster-access.ts';
import { type EndpointPod, endpointPodOf } from './endpoint-pod.ts';
import { routingOfService } from './public-service.ts';
import { createRouter } from './router.ts';
import { settleService } from './settle-service.ts';
import { type ClusterScene, openClusterScene } from './testing/cluster-scene.ts';
import { readSources } from './testing/read-sources.ts';

const podAddresses = ['10.244.1.1', '10.244.1.2', '10.244.1.3'];
const activatorAddresses = ['10.244.9.1', '10.244.9.2'];

let scene: ClusterScene;
const route = (routing: Routing, name = 'web', access = scene.access) => {
  const { activatorService, namespace } = scene;
  const sources = readSources(access, activatorService);
  const router = createRouter({ access, sources, fieldManager: 'flyball-actuator' });
  return router.route(`${namespace}/${name}`, routing);
};

beforeAll(async () => {
  scene = await openClusterScene(inject('kubeconfig'));
  await scene.setActivators(activatorAddresses);
  await scene.createDeployment('web', podAddresses);
  await scene.createService('web', 'web');
});

afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

test('leads to the pods and to the activators, and writes nothing twice', async () => {
  await route('activator');
  expect(await scene.addresses('web')).toEqual(activatorAddresses);
  await route('pods');
  expect(await scene.addresses('web')).toEqual(podAddresses);
  const [slice] = await scene.slices('web');
  expect(slice).toMatchObject({
    metadata: { labels: { 'endpointslice.kubernetes.io/managed-by': 'flyball.dev' } },
    ports: [{ name: 'http', port: 8080 }],
  });
  const before = (await scene.service('web')).metadata?.resourceVersion;
  await route('pods');
  expect((await scene.slices('web'))[0]?.metadata?.resourceVersion).toBe(
    slice?.metadata?.resourceVersion,
  );
  expect((await scene.service('web')).metadata?.resourceVersion).toBe(before);
  await route('activator');
  expect(await scene.addresses('web')).toEqual(activatorAddresses);
});

test('takes back what somebody else wrote into its slices', async () => {
  const [slice] = await scene.slices('web');
  const path = `/apis/discovery.k8s.io/v1/namespaces/${scene.namespace}/endpointslices`;
  const endpoints = [{ addresses: ['10.244.66.6'], conditions: { ready: true } }];
  const body = { endpoints, metadata: { labels: { 'flyball.dev/ports': 'others' } } };
  await scene.access.request({
    ...{ method: 'PATCH', path: `${path}/${slice?.metadata?.name}`, body },
  });
  await route('activator');
  expect(await scene.addresses('web')).toEqual(activatorAddresses);
});

test('when two route against each other, Service and slices agree in the end', async () => {
  for (let round = 0; round < 15; round += 1) {
    const ways: Routing[] = ['pods', 'activator', 'pods', 'activator'];
    await Promise.allSettled(ways.map((routing) => route(routing)));
    const said = routingOfService(await scene.service('web'));
    const expected = said === 'pods' ? podAddresses : activatorAddresses;
    expect([round, said, await scene.addresses('web')]).toEqual([round, said, expected]);
  }
});

/** Its writes of slices wait until they are let go; the first one tells that it has come. */
const pausing = (access: ClusterAccess) => {
  const come = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const slow: ClusterAccess = {
    ...access,
    request: async (call) => {
      if (call.method === 'PUT') {
        come.resolve();
        await go.promise;
      }
      return access.request(call);
    },
  };
  return { slow, come: come.promise, go: go.resolve };
};

test('one that was frozen between its decision and its write moves nothing', async () => {
  await route('activator');
  const { slow, come, go } = pausing(scene.access);
  const frozen = route('pods', 'web', slow);
  await come;
  // Meanwhile another one takes over: it decides otherwise, and more than once.
  await route('activator');
  await route('pods');
  await route('activator');
  go();
  await expect(frozen).rejects.toMatchObject({ code: 'PLATFORM_CONFLICT' });
  expect(await scene.addresses('web')).toEqual(activatorAddresses);
});

test('one that sees the Service late does not undo what was decided since', async () => {
  await route('pods');
  const late = await scene.service('web');
  await route('activator');
  const pods = (await scene.pods('web')).flatMap((pod) => endpointPodOf(pod) ?? []);
  const activators = await scene.slices('activator');
  const settled = await settleService({
    ...{ access: scene.access, service: late, slices: await scene.slices('web') },
    ...{ isFresh: false, fieldManager: 'flyball-controller' },
    endpoints: () => ({ pods, activators }),
  });
  const activator = { routing: 'activator', through: 'activator', leads: true };
  expect(settled).toEqual({ ...activator, writes: 0 });
  expect(await scene.addresses('web')).toEqual(activatorAddresses);
});

test('says when there is no activator to lead to, and leads to the pods meanwhile', async () => {
  await scene.setActivators([]);
  await expect(route('activator')).rejects.toMatchObject({
    code: 'PLATFORM_UNREACHABLE',
    retriable: true,
  });
  expect(await scene.addresses('web')).toEqual(podAddresses);
  await scene.setActivators(activatorAddresses);
  await route('activator');
  expect(await scene.addresses('web')).toEqual(activatorAddresses);
});

test('leads to the activators while no pod is ready', async () => {
  await scene.createDeployment('slow', ['10.244.2.1']);
  await scene.createService('slow', 'slow');
  const [pod] = await scene.pods('slow');
  if (pod === undefined) throw new Error('there is no pod');
  await scene.setReady(pod, '10.244.2.1', false);
  await route('pods', 'slow');
  expect(await scene.addresses('slow')).toEqual(activatorAddresses);
  await scene.setReady(pod, '10.244.2.1', true);
  await route('pods', 'slow');
  expect(await scene.addresses('slow')).toEqual(['10.244.2.1']);
});

test('has nothing to do for a workload without a public Service', async () => {
  await route('pods', 'none');
  await scene.createService('plain');
  expect(await scene.slices('plain')).toEqual([]);
});

test('more pods than one slice holds, of both families, are several slices', async () => {
  const service = await scene.createService('many', 'many');
  const both = { ...service, spec: { ...service.spec, ipFamilies: ['IPv4', 'IPv6'] } };
  const workload = `${scene.namespace}/many` as const;
  const podsOf = (count: number): EndpointPod[] =>
    Array.from({ length: count }, (_, at) => ({
      ...{ workload, namespace: scene.namespace, name: `many-${at}`, uid: `${at}` },
      ips: [`10.244.${3 + (at >> 8)}.${at & 255}`, `fd00::${(at + 1).toString(16)}`],
      ...{ ready: true, nodeName: undefined, ports: [], queuePort: undefined },
    }));
  const settle = (count: number) =>
    settleService({
      ...{ access: scene.access, service: both, isFresh: true, fieldManager: 'flyball-controller' },
      endpoints: () => ({ pods: podsOf(count), activators: [] }),
    });
  expect(await settle(250)).toMatchObject({ through: 'pods', writes: 6 });
  expect((await scene.addresses('many')).length).toBe(500);
  expect(await settle(250)).toMatchObject({ writes: 0 });
  // One pod less: one slice of each family is written.
  expect(await settle(249)).toMatchObject({ writes: 2 });
  expect(await settle(3)).toMatchObject({ through: 'pods' });
  const slices = await scene.slices('many');
  expect(new Set(slices.map(({ addressType }) => addressType))).toEqual(new Set(['IPv4', 'IPv6']));
  expect(slices.length).toBeLessThanOrEqual(4);
  expect((await scene.addresses('many')).length).toBe(6);
});
