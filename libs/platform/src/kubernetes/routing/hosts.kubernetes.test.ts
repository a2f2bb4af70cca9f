/** By which hosts a Deployment is asked for, as its Services and annotations come and go. */
import type { WorkloadKey } from '@flyball/contracts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createView, type PlatformView } from '../../contract-view.ts';
import type { Platform } from '../../platform.ts';
import { connectCluster } from '../cluster-access.ts';
import { createKubernetesPlatform } from '../kubernetes-platform.ts';
import { type ClusterScene, openClusterScene } from './testing/cluster-scene.ts';

let scene: ClusterScene;
let platform: Platform;
let view: PlatformView;
let web: WorkloadKey;

const annotateDeployment = (annotations: Record<string, string | null>) =>
  scene.access.request({
    method: 'PATCH',
    path: `/apis/apps/v1/namespaces/${scene.namespace}/deployments/web`,
    body: { metadata: { annotations } },
  });

const namesOf = (service: string): readonly string[] => {
  const name = `${service}.${scene.namespace}`;
  return [name, `${name}.svc`, `${name}.svc.cluster.local`, `${name}.example.com`];
};

const untilHosts = (hosts: readonly string[]): Promise<void> =>
  view.until(`it is asked for by ${hosts.join(' ') || 'its name only'}`, () => {
    return view.workload(web)?.hosts.join() === hosts.toSorted().join();
  });

beforeAll(async () => {
  const kubeconfig = inject('kubeconfig');
  scene = await openClusterScene(kubeconfig);
  web = `${scene.namespace}/web`;
  platform = createKubernetesPlatform({
    access: connectCluster({ kubeconfig, namespaces: [scene.namespace] }),
    ...{ optIn: 'annotated', ownNamespace: 'flyball-system', configNamespaces: [scene.namespace] },
    ...{ domain: 'example.com', activatorService: scene.activatorService },
  });
  view = createView(platform);
  await scene.createDeployment('web', []);
  await annotateDeployment({ 'flyball.dev/enabled': 'true' });
});

afterAll(async () => {
  await view.end();
  await platform.close();
  await scene[Symbol.asyncDispose]();
});

test('by those that the Deployment itself lists, but for names of other namespaces', async () => {
  await untilHosts([]);
  await annotateDeployment({ 'flyball.dev/hosts': 'gate.test, web.other.svc' });
  await untilHosts(['gate.test']);
  await annotateDeployment({ 'flyball.dev/hosts': null });
  await untilHosts([]);
});

test('by the names of each Service that leads to it, for as long as it does', async () => {
  await scene.createService('shop', 'web');
  await untilHosts(namesOf('shop'));
  await scene.annotate('shop', { 'flyball.dev/hosts': 'Shop.test' });
  await untilHosts([...namesOf('shop'), 'shop.test']);
  await scene.createService('second', 'web');
  await untilHosts([...namesOf('shop'), 'shop.test', ...namesOf('second')]);
  await scene.annotate('shop', { 'flyball.dev/deployment': 'another' });
  await untilHosts(namesOf('second'));
  expect(view.workload(web)?.reachable).toBe(true);
});

test('what is routed is written on each Service, once all is seen', async () => {
  await scene.setActivators(['10.244.9.1']);
  await platform.route(web, 'activator');
  expect(await scene.addresses('second')).toEqual(['10.244.9.1']);
  expect((await scene.service('second')).metadata?.annotations).toMatchObject({
    'flyball.dev/routing': 'activator',
    'flyball.dev/routed-deployment': 'web',
  });
  expect((await scene.service('shop')).metadata?.annotations).not.toHaveProperty([
    'flyball.dev/routing',
  ]);
});
