/** One look at a cluster: everything that could fight Flyball, and what it would fight about. */
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import { listResource } from '../../cluster/list-resource.ts';
import {
  autoscalers,
  deployments,
  endpointSlices,
  httpScaledObjects,
  namespaces,
  type Resource,
  scaledObjects,
  services,
} from '../../cluster/resources.ts';
import { advised, type Check } from '../check.ts';
import type { ClusterSight } from './cluster-object.ts';
import { isForbidden } from './rights-checks.ts';

type Asking = Pick<ClusterAccess, 'request'>;

const kinds = {
  deployments,
  namespaces,
  services,
  endpointSlices,
  autoscalers,
  scaledObjects,
  httpScaledObjects,
} as const;

export interface ClusterLook {
  readonly sight: ClusterSight;
  /** What may not be seen: less is found then. */
  readonly unseen: readonly Check[];
}

const unseenOf = ({ plural }: Resource): Check =>
  advised(
    'sight',
    `you may not list ${plural}: nothing is said about them`,
    `Run the doctor as somebody who may: kubectl auth can-i list ${plural} --all-namespaces.`,
  );

interface Groups {
  readonly groups?: readonly { readonly name: string }[];
}

/** Rejects with OutsideError where the API server does not answer. */
export const readCluster = async (cluster: Asking): Promise<ClusterLook> => {
  const unseen: Check[] = [];
  const list = async (kind: Resource): Promise<unknown> => {
    try {
      return await listResource(cluster, kind, '');
    } catch (error) {
      if (!isForbidden(error)) throw error;
      unseen.push(unseenOf(kind));
      return [];
    }
  };
  const { groups = [] } = await cluster.request<Groups>({ path: '/apis' });
  const read = await Promise.all(
    Object.entries(kinds).map(async ([name, kind]) => [name, await list(kind)] as const),
  );
  const sight = { ...Object.fromEntries(read), apiGroups: groups.map(({ name }) => name) };
  return { sight: sight as unknown as ClusterSight, unseen };
};
