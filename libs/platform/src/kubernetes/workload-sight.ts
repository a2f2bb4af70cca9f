/** A cluster's objects as the platform's changes: workloads that are ours, their pods, settings. */
import { hostsOf, type WorkloadKey } from '@flyball/contracts';
import { enabledAnnotation, limitsAnnotated } from '@flyball/knative';
import type { V1Service } from '@kubernetes/client-node';
import { workloadAnnotation } from '../annotations.ts';
import type { WorkloadSeen } from '../platform.ts';
import type { ClusterCaches, ConfigData } from './cluster-caches.ts';
import type { KeptDeployment } from './deployment-object.ts';
import { type CacheGroups, groupCache } from './group-cache.ts';
import { isManaged } from './opt-in.ts';
import { type KeptPod, podSeenOf } from './pod-object.ts';
import { hostsListed, hostsOfService, workloadOfService } from './routing/index.ts';
import { createToldPlatform, type ToldPlatform } from './told-platform.ts';
import type { WorkloadIndex } from './workload-index.ts';

export interface WorkloadSight {
  readonly told: ToldPlatform;
  /** How a Deployment looks to the stages; undefined for one that is not ours to scale. */
  seenOf(deployment: KeptDeployment): WorkloadSeen | undefined;
}

export interface WorkloadSightOptions {
  readonly caches: ClusterCaches;
  readonly index: WorkloadIndex;
  readonly optIn: 'annotated' | 'all';
  /** Where Flyball itself runs. */
  readonly ownNamespace: string;
  /** That of the activator. */
  readonly domain: string;
}

type Look = WorkloadSight['seenOf'];
type ServicesOf = Pick<CacheGroups<WorkloadKey, V1Service>, 'of'>;

/** How a Deployment looks by what else is there. */
const createLook = (options: WorkloadSightOptions, services: ServicesOf): Look => {
  const { caches, optIn, ownNamespace, domain } = options;
  return (deployment) => {
    const { workload, namespace, enabled, annotations, replicasWrite } = deployment;
    const inNamespace = caches.namespaces.get('', namespace);
    const question = { deployment: enabled, namespace, inNamespace, optIn, ownNamespace };
    if (!isManaged(question)) return undefined;
    const leading = services.of(workload);
    return {
      workload,
      uid: deployment.uid,
      resourceVersion: deployment.replicasSince,
      replicas: deployment.replicas,
      fieldManager: replicasWrite.manager,
      annotations,
      ...limitsAnnotated(annotations),
      // Of revisions the controller says it: a new one counts before traffic moves to it.
      reachable: !deployment.isRevision || annotations[workloadAnnotation.reachable] !== 'false',
      hosts: hostsOf([
        ...hostsListed(annotations, namespace, domain),
        ...leading.flatMap((one) => hostsOfService(one, domain)),
      ]),
      createdAtMs: deployment.createdAtMs,
    };
  };
};

const configOf = ({ configs }: ClusterCaches): ConfigData | undefined => {
  for (const cache of configs) for (const data of cache.values()) return data;
  return undefined;
};

const podKey = ({ namespace, name }: KeptPod): string => `${namespace}/${name}`;

/** Tells of one Deployment or pod what differs from what was told of it. */
const createTeller = ({ index }: WorkloadSightOptions, told: ToldPlatform, look: Look) => {
  const tellPod = (pod: KeptPod): void => {
    const owner = index.deploymentOf(pod);
    if (owner === undefined || !told.has(owner.workload)) told.removePod(podKey(pod));
    else told.setPod(podKey(pod), podSeenOf(owner.workload, pod));
  };
  const tellGone = (deployment: KeptDeployment): void => {
    told.removeWorkload(deployment.workload);
    for (const pod of index.podsOf(deployment)) told.removePod(podKey(pod));
  };
  const tellDeployment = (deployment: KeptDeployment): void => {
    const seen = look(deployment);
    const wasTold = told.has(deployment.workload);
    if (seen !== undefined) {
      told.setWorkload(seen);
      if (!wasTold) index.podsOf(deployment).forEach(tellPod);
    } else if (wasTold) {
      // It is there, but no longer ours: without this it would seem to have been deleted.
      told.optOut(deployment.workload, enabledAnnotation);
      tellGone(deployment);
    }
  };
  return { tellPod, tellGone, tellDeployment };
};

/** Listens to the caches; tells nothing before all of them are whole. */
export const createWorkloadSight = (options: WorkloadSightOptions): WorkloadSight => {
  const { caches, index } = options;
  const told = createToldPlatform();
  // Those that name a workload lead to it by hosts of their own.
  const services = groupCache(caches.services, workloadOfService, (workload) => {
    const deployment = caches.deployments.at(workload);
    if (deployment !== undefined) tellDeployment(deployment);
  });
  const seenOf = createLook(options, services);
  const { tellPod, tellGone, tellDeployment } = createTeller(options, told, seenOf);
  caches.deployments.onChange((change) => {
    if (change.kind === 'kept') tellDeployment(change.object);
    else if (change.kind === 'gone') tellGone(change.before);
  });
  caches.replicaSets.onChange((change) => {
    if (change.kind !== 'kept' && change.kind !== 'gone') return;
    const { uid } = change.kind === 'kept' ? change.object : change.before;
    index.podsOfReplicaSet(uid).forEach(tellPod);
  });
  caches.pods.onChange((change) => {
    if (change.kind === 'kept') tellPod(change.object);
    else if (change.kind === 'gone') told.removePod(podKey(change.before));
  });
  caches.namespaces.onChange((change) => {
    if (change.kind !== 'kept' && change.kind !== 'gone') return;
    for (const deployment of caches.deployments.values()) {
      if (change.key === `/${deployment.namespace}`) tellDeployment(deployment);
    }
  });
  for (const cache of caches.configs) cache.onChange(() => told.setConfig(configOf(caches)));
  for (const cache of caches.all) {
    cache.onChange((change) => {
      if (change.kind === 'unseen') told.lose(change.reason);
      else if (change.kind === 'synced' && caches.all.every((one) => one.isSynced())) told.see();
    });
  }
  return { told, seenOf };
};
