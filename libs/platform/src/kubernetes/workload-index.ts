/** Which pods belong to which Deployment, by the owners that objects name, and their uids. */
import type { WorkloadKey } from '@flyball/contracts';
import type { ClusterCaches } from './cluster-caches.ts';
import type { KeptDeployment } from './deployment-object.ts';
import { groupCache } from './group-cache.ts';
import type { KeptPod } from './pod-object.ts';

export interface WorkloadIndex {
  /** The Deployment whose ReplicaSet controls the pod; undefined while one of them is unknown. */
  deploymentOf(pod: KeptPod): KeptDeployment | undefined;
  /** Pods of all its ReplicaSets: of a rollout's two as well. */
  podsOf(deployment: KeptDeployment): readonly KeptPod[];
  podsOfReplicaSet(uid: string): readonly KeptPod[];
  deploymentWithUid(uid: string): KeptDeployment | undefined;
}

/** Kept up to date by the caches' changes, before anyone who listens to them later. */
export const createWorkloadIndex = (
  caches: Pick<ClusterCaches, 'deployments' | 'replicaSets' | 'pods'>,
): WorkloadIndex => {
  const { deployments, replicaSets, pods } = caches;
  const byUid = new Map<string, WorkloadKey>();
  const replicaSetsOf = groupCache(replicaSets, ({ deploymentUid }) => deploymentUid);
  const podsOf = groupCache(pods, ({ replicaSet }) => replicaSet.uid);
  deployments.onChange((change) => {
    if (change.kind === 'kept') byUid.set(change.object.uid, change.object.workload);
    else if (change.kind === 'gone') byUid.delete(change.before.uid);
  });
  const deploymentWithUid = (uid: string): KeptDeployment | undefined => {
    const workload = byUid.get(uid);
    return workload === undefined ? undefined : deployments.at(workload);
  };
  return {
    deploymentWithUid,
    podsOfReplicaSet: podsOf.of,
    podsOf: (deployment) => replicaSetsOf.of(deployment.uid).flatMap(({ uid }) => podsOf.of(uid)),
    deploymentOf: ({ namespace, replicaSet: { name, uid } }) => {
      const owner = replicaSets.get(namespace, name);
      return owner?.uid === uid ? deploymentWithUid(owner.deploymentUid) : undefined;
    },
  };
};
