/** Deployments on a real API server, with real pods, pass the contract of platforms. */
import { workloadName } from '@flyball/contracts';
import { afterAll, beforeAll, inject } from 'vitest';
import { platformContract } from '../contract.ts';
import { connectCluster } from './cluster-access.ts';
import { createKubernetesPlatform } from './kubernetes-platform.ts';
import { openBreakableLine } from './testing/breakable-line.ts';
import {
  type ClusterNamespace,
  freshName,
  openClusterNamespace,
} from './testing/cluster-namespace.ts';

const namespace = freshName('platform-contract');
let cluster: ClusterNamespace;
beforeAll(async () => {
  cluster = await openClusterNamespace(inject('kubeconfig'), namespace);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

const named = (workload: `${string}/${string}`): string => workloadName(workload).name;

const empty = async (): Promise<void> => {
  for (const name of ['web', 'other']) await cluster.deleteDeployment(name);
  await cluster.configure(undefined);
  await cluster.until('no pods', async () => (await cluster.pods()).length === 0);
};

const crash = async (name: string): Promise<void> => {
  const pod = (await cluster.pods()).find(({ metadata }) => metadata?.name === name);
  // Nobody answers such a request.
  await fetch(`http://${pod?.status?.podIP}:8080/crash`).catch(() => undefined);
};

platformContract(
  'kubernetes',
  async () => {
    const line = await openBreakableLine(inject('kubeconfig'));
    const platform = createKubernetesPlatform({
      access: connectCluster({ kubeconfig: line.kubeconfig, namespaces: [namespace] }),
      optIn: 'annotated',
      ownNamespace: 'flyball-system',
      configNamespaces: [namespace],
      domain: 'example.com',
    });
    return {
      platform,
      apply: (workload, replicas) => cluster.createDeployment(named(workload), replicas),
      delete: (workload) => cluster.deleteDeployment(named(workload)),
      configure: (config) => cluster.configure(config),
      writeReplicas: (workload, replicas, fieldManager) =>
        cluster.writeReplicas(named(workload), replicas, fieldManager),
      letPodsStart: async () => undefined,
      crash,
      blind: () => line.cut(),
      heal: () => line.mend(),
      stop: async () => {
        await platform.close();
        await line[Symbol.asyncDispose]();
        await empty();
      },
    };
  },
  namespace,
);
