/** What is told of workloads when it is not they that change. */
import type { KubernetesObject } from '@kubernetes/client-node';
import { expect, it } from 'vitest';
import type { PlatformChange } from '../platform.ts';
import { createClusterCaches } from './cluster-caches.ts';
import { createHeard } from './testing/heard.ts';
import { openToldCluster } from './testing/told-cluster.ts';
import { createWorkloadIndex } from './workload-index.ts';
import { createWorkloadSight } from './workload-sight.ts';

const namespace = 'shop';
const deployment = (name: string): KubernetesObject =>
  ({
    metadata: {
      ...{ namespace, name, uid: `uid-${name}`, resourceVersion: '1' },
      annotations: { 'flyball.dev/enabled': 'true' },
    },
    spec: { replicas: 1 },
  }) as KubernetesObject;

const ownedBy = (kind: string, name: string) => ({
  ownerReferences: [
    { ...{ apiVersion: 'apps/v1', kind, name }, uid: `uid-${name}`, controller: true },
  ],
});

const replicaSet = (name: string, version: number, owner: string): KubernetesObject => ({
  metadata: {
    ...{ namespace, name, uid: `uid-${name}`, resourceVersion: `${version}` },
    ...ownedBy('Deployment', owner),
  },
});

const pod = (name: string, version: number, owner: string): KubernetesObject => ({
  metadata: {
    ...{ namespace, name, uid: `uid-${name}`, resourceVersion: `${version}` },
    ...ownedBy('ReplicaSet', owner),
  },
});

const leading = (name: string, version: number, workload?: string): KubernetesObject =>
  ({
    metadata: {
      ...{ namespace, name, uid: `uid-${name}`, resourceVersion: `${version}` },
      annotations: workload === undefined ? {} : { 'flyball.dev/deployment': workload },
    },
    spec: { ports: [{ port: 80 }] },
  }) as KubernetesObject;

const inWords = (change: PlatformChange): string => {
  if (change.kind === 'workload') {
    const { workload, hosts } = change.workload;
    const outer = hosts.filter((host) => host.endsWith('.example.com'));
    return `${workload} at ${outer.join() || 'no host'}`;
  }
  if (change.kind === 'pod') return `pod ${change.pod.pod} of ${change.pod.workload}`;
  if (change.kind === 'pod-gone') return `pod ${change.pod} gone`;
  return change.kind;
};

/** Two Deployments are there, and were told. */
const begin = async () => {
  const { access, ending, show } = openToldCluster({
    '/apis/apps/v1/deployments': [deployment('web'), deployment('api')],
  });
  const caches = createClusterCaches({ access, configNamespaces: [] });
  const index = createWorkloadIndex(caches);
  const { told } = createWorkloadSight({
    ...{ caches, index, optIn: 'annotated', ownNamespace: 'flyball-system' },
    domain: 'example.com',
  });
  const { words: heard, hears } = createHeard();
  const listen = async (): Promise<void> => {
    for await (const change of told.join()) heard.push(inWords(change));
  };
  void listen();
  for (const cache of caches.all) void cache.follow(ending);
  await expect.poll(() => heard.at(-1)).toBe('listed');
  heard.length = 0;
  return { show, hears };
};

it('tells a workload again when a Service that leads to it comes, moves and goes', async () => {
  const { show, hears } = await begin();
  const services = '/api/v1/services';
  show(services, 'ADDED', leading('front', 2, 'web'));
  await hears('shop/web at front.shop.example.com');
  show(services, 'ADDED', leading('second', 3, 'web'));
  await hears('shop/web at front.shop.example.com,second.shop.example.com');
  show(services, 'MODIFIED', leading('front', 4, 'api'));
  await hears('shop/web at second.shop.example.com', 'shop/api at front.shop.example.com');
  show(services, 'MODIFIED', leading('front', 5));
  await hears('shop/api at no host');
  show(services, 'DELETED', leading('second', 6, 'web'));
  await hears('shop/web at no host');
});

it('tells pods once their ReplicaSet is known, and that they go with their workload', async () => {
  const { show, hears } = await begin();
  const [pods, replicaSets] = ['/api/v1/pods', '/apis/apps/v1/replicasets'];
  show(pods, 'ADDED', pod('web-1-a', 2, 'web-1'));
  show(pods, 'ADDED', pod('web-1-b', 3, 'web-1'));
  show(replicaSets, 'ADDED', replicaSet('web-1', 4, 'web'));
  await hears('pod web-1-a of shop/web', 'pod web-1-b of shop/web');
  show(pods, 'ADDED', pod('web-1-c', 5, 'web-1'));
  await hears('pod web-1-c of shop/web');
  show(pods, 'DELETED', pod('web-1-a', 6, 'web-1'));
  await hears('pod web-1-a gone');
  show('/apis/apps/v1/deployments', 'DELETED', deployment('web'));
  await hears('workload-gone', 'pod web-1-b gone', 'pod web-1-c gone');
});
