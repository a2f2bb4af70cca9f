/** The Node object and its Lease: without them no pod is bound here. */

import { z } from 'zod';
import { type ApiClient, type ApiObject, ApiRefusal, isStale } from '../api/api-client.ts';
import type { Addresses } from './addresses.ts';

const leasePath = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
/** The controllers take a node for lost after 50 s without a renewal. */
const leaseSeconds = 40;
const testNodeLabel = 'flyball.dev/test-node';

/** How often `renewLease` is to be called. */
export const leaseEveryMs = 10_000;
const aliveWithinMs = 1.5 * leaseEveryMs;

const ignoreStale = (error: unknown): void => {
  if (!isStale(error)) throw error;
};

const leaseSchema = z.looseObject({ spec: z.looseObject({ renewTime: z.string() }) });

export const isTestNode = ({ metadata }: ApiObject): boolean =>
  metadata.labels[testNodeLabel] === 'true';

/** Has the node of this name said lately that it is alive? */
export const isAlive = async (api: ApiClient, name: string): Promise<boolean> => {
  try {
    const { spec } = leaseSchema.parse(await api.get(`${leasePath}/${name}`));
    return Date.now() - Date.parse(spec.renewTime) < aliveWithinMs;
  } catch (error) {
    ignoreStale(error);
    return false;
  }
};

const conditions = () => {
  const now = new Date().toISOString();
  const condition = (type: string, status: string) => ({
    ...{ type, status, reason: 'FlyballTestNode' },
    ...{ lastHeartbeatTime: now, lastTransitionTime: now },
  });
  return [
    condition('Ready', 'True'),
    ...['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => condition(type, 'False')),
  ];
};

/**
 * Creates the Node, or takes over the one that is there, and makes it ready for pods. Ports of its
 * pods are asked for at `port`.
 */
export const registerNode = async (
  api: ApiClient,
  name: string,
  { own, cidr }: Addresses,
  port: number,
): Promise<void> => {
  const labels = {
    ...{ 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' },
    [testNodeLabel]: 'true',
  };
  const spec = { podCIDR: cidr, podCIDRs: [cidr] };
  await api.create('/api/v1/nodes', { metadata: { name, labels }, spec }).catch(ignoreStale);
  const capacity = { cpu: '512', memory: '2Ti', pods: '4000', 'ephemeral-storage': '2Ti' };
  const addresses = [{ type: 'InternalIP', address: own }];
  const daemonEndpoints = { kubeletEndpoint: { Port: port } };
  const ready = { conditions: conditions(), addresses, daemonEndpoints };
  const status = { capacity, allocatable: capacity, ...ready };
  await api.patch(`/api/v1/nodes/${name}/status`, { status }, 'strategic');
  // A new node starts with taints that the controllers take off only seconds later.
  await api.patch(`/api/v1/nodes/${name}`, { spec: { taints: null } });
};

/** Says that the node is alive; to be called every `leaseEveryMs`. */
export const renewLease = async (api: ApiClient, name: string): Promise<void> => {
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime };
  try {
    await api.patch(`${leasePath}/${name}`, { spec });
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.status !== 404) throw error;
    await api.create(leasePath, { metadata: { name, namespace: 'kube-node-lease' }, spec });
  }
};

/** Takes the node out of the cluster; its pods go with it. */
export const removeNode = async (api: ApiClient, name: string): Promise<void> => {
  await api.delete(`/api/v1/nodes/${name}`).catch(ignoreStale);
  await api.delete(`${leasePath}/${name}`).catch(ignoreStale);
};
