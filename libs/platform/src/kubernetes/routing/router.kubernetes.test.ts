/** The router on a real API server: what it writes, and what becomes of two that disagree. */
import type { Routing } from '@flyball/contracts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { routingOfService } from './public-service.ts';
import { readSources } from './read-sources.ts';
import { createRouter } from './router.ts';
import { type ClusterScene, openClusterScene } from './testing/cluster-scene.ts';

const podAddresses = ['10.244.1.1', '10.244.1.2', '10.244.1.3'];
const activatorAddresses = ['10.244.9.1', '10.244.9.2'];

let scene: ClusterScene;
const route = (routing: Routing, name = 'web') => {
  const { access, activatorService, namespace } = scene;
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
