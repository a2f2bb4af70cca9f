/** Which pods belong to which Deployment, by the owners that objects name, and their uids. */
import type { WorkloadKey } from '@flyball/contracts';
import type { ClusterCaches, KeptReplicaSet } from './cluster-caches.ts';
import type { KeptDeployment } from './deployment-object.ts';
import { createGrouped } from './grouped.ts';
import type { CacheChange, ObjectKey } from './object-cache.ts';
import type { KeptPod } from './pod-object.ts';

export interface WorkloadIndex {
  /** The Deployment whose ReplicaSet controls the pod; undefined while one of them is unknown. */
  deploymentOf(pod: KeptPod): KeptDeployment | undefined;
  /** Pods of all its ReplicaSets: of a rollout's two as well. */
  podsOf(deployment: KeptDeployment): readonly KeptPod[];
  podsOfReplicaSet(uid: string): readonly KeptPod[];
  deploymentWithUid(uid: string): KeptDeployment | undefined;
}

const namesIn = (key: ObjectKey): [string, string] => {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
};

/** Kept up to date by the caches' changes, before anyone who listens to them later. */
export const createWorkloadIndex = (
  caches: Pick<ClusterCaches, 'deployments' | 'replicaSets' | 'pods'>,
): WorkloadIndex => {
  const { deployments, replicaSets, pods } = caches;
  const byUid = new Map<string, WorkloadKey>();
  const replicaSetsOf = createGrouped<string, string>();
  const podsOf = createGrouped<string, ObjectKey>();
  deployments.onChange((change) => {
    if (change.kind === 'kept') byUid.set(change.object.uid, change.object.workload);
    else if (change.kind === 'gone') byUid.delete(change.before.uid);
  });
  const owns = ({ deploymentUid }: KeptReplicaSet): string => deploymentUid;
  replicaSets.onChange((change: CacheChange<KeptReplicaSet>) => {
    if (change.kind !== 'kept' && change.kind !== 'gone') return;
    const { before } = change;
    if (before !== undefined) replicaSetsOf.remove(owns(before), before.uid);
    if (change.kind === 'kept') {
      const { uid } = change.object;
      replicaSetsOf.put(owns(change.object), uid, uid);
    }
  });
  pods.onChange((change) => {
    if (change.kind !== 'kept' && change.kind !== 'gone') return;
    if (change.before !== undefined) podsOf.remove(change.before.replicaSet.uid, change.key);
    if (change.kind === 'kept') podsOf.put(change.object.replicaSet.uid, change.key, change.key);
  });
  const deploymentWithUid = (uid: string): KeptDeployment | undefined => {
    const workload = byUid.get(uid);
    return workload === undefined ? undefined : deployments.get(...namesIn(workload));
  };
  const podsOfReplicaSet = (uid: string): readonly KeptPod[] =>
    podsOf.of(uid).flatMap((key) => pods.get(...namesIn(key)) ?? []);
  return {
    deploymentWithUid,
    podsOfReplicaSet,
    podsOf: ({ uid }) => replicaSetsOf.of(uid).flatMap(podsOfReplicaSet),
    deploymentOf: ({ namespace, replicaSet: { name, uid } }) => {
      const owner = replicaSets.get(namespace, name);
      return owner?.uid === uid ? deploymentWithUid(owner.deploymentUid) : undefined;
    },
  };
};
