/** The cluster that was chosen, started as far as it is ours, with a node that can run pods. */
import { join } from 'node:path';
import { type ApiObject, connectApi } from '../api/api-client.ts';
import type { Tell } from '../control-plane/programs.ts';
import { isAlive, isTestNode } from '../node/registration.ts';
import { startNode } from '../node/start-node.ts';
import { type ClusterKind, chooseCluster } from './choose-cluster.ts';
import { startCluster } from './start-cluster.ts';
import { startK3s } from './start-k3s.ts';

export interface OpenCluster {
  readonly kind: ClusterKind;
  readonly kubeconfig: string;
  /** Ends what was started for it. */
  stop(): Promise<void>;
}

interface Place {
  readonly folder: string;
  readonly tell: Tell;
}

/** Nodes on which pods would run as containers of images that exist nowhere. */
const assertNoOtherNodes = (nodes: readonly ApiObject[]): void => {
  const open = nodes.filter((node) => {
    const { unschedulable } = (node as { spec?: { unschedulable?: boolean } }).spec ?? {};
    return unschedulable !== true && !isTestNode(node);
  });
  if (open.length === 0) return;
  const names = open.map(({ metadata }) => metadata.name).join(' ');
  throw new Error(
    `The given cluster would run the tests' pods on its own nodes (${names}); they have to run ` +
      `on the tests' node, as processes. Take the others out: \`kubectl cordon ${names}\`.`,
  );
};

/** A cluster that is there already gets our node for the time of the tests, unless it has one. */
const withNode = async (kind: ClusterKind, kubeconfig: string, { folder }: Place) => {
  const api = await connectApi(kubeconfig);
  try {
    const { items } = await api.list('/api/v1/nodes');
    assertNoOtherNodes(items);
    for (const node of items.filter(isTestNode)) {
      if (await isAlive(api, node.metadata.name)) return { kind, kubeconfig, stop: async () => {} };
    }
  } finally {
    await api.close();
  }
  const node = await startNode({ kubeconfig, folder: join(folder, 'node') });
  return { kind, kubeconfig, stop: () => node.end() };
};

/** Opens the cluster that the environment and the machine allow; rejects when there is none. */
export const openCluster = async (place: Place): Promise<OpenCluster> => {
  const choice = await chooseCluster();
  switch (choice.kind) {
    case 'none':
      throw new Error(`There is no API server to test on: ${choice.why}.`);
    case 'own': {
      place.tell('starting etcd, API server, controllers and a node …');
      const { kubeconfig, stop } = await startCluster(place);
      return { kind: 'own', kubeconfig, stop };
    }
    case 'k3s': {
      place.tell('starting k3s by Docker …');
      const k3s = await startK3s(place.folder);
      const { kind, kubeconfig, stop } = await withNode('k3s', k3s.kubeconfig, place);
      return { kind, kubeconfig, stop: () => stop().finally(k3s.stop) };
    }
    case 'given':
      place.tell(`the tests run on ${choice.kubeconfig} and change what is there.`);
      return withNode('given', choice.kubeconfig, place);
  }
};
