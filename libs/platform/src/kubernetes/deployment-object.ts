/** What is kept of a Deployment. Pure. */
import type { WorkloadKey } from '@flyball/contracts';
import {
  type Annotations,
  enabledAnnotation,
  enabledBy,
  isOptedIn,
  settingsAnnotated,
} from '@flyball/knative';
import type { V1Deployment } from '@kubernetes/client-node';
import { type ReplicasWrite, replicasWriteIn } from './replicas-writer.ts';

/** Deployments that a Knative Service made carry the name of their revision. */
const revisionLabel = 'serving.knative.dev/revision';

export interface KeptDeployment {
  readonly workload: WorkloadKey;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Of the newest write to anything of it, its status included. */
  readonly resourceVersion: string;
  /**
   * Since when its replicas are what they are: the resourceVersion at which their last write was
   * first seen. Whoever saw this version or a later one knows of every write to the replicas.
   */
  readonly replicasSince: string;
  readonly replicas: number;
  readonly replicasWrite: ReplicasWrite;
  /** Settings of the pod template over its own. */
  readonly annotations: Annotations;
  /** What it says of being scaled by us; undefined: nothing. */
  readonly enabled: boolean | undefined;
  readonly isRevision: boolean;
  readonly createdAtMs: number;
}

const own = (metadata: { annotations?: Annotations } | undefined): Annotations =>
  metadata?.annotations ?? {};

/** `false` at any of its two places wins. */
const enabledOf = ({ metadata, spec }: V1Deployment, all: Annotations): boolean | undefined => {
  const places = [own(metadata), own(spec?.template?.metadata)];
  if (places.some((place) => enabledBy(place[enabledAnnotation]) === false)) return false;
  return isOptedIn(all) ? true : undefined;
};

const isSameWrite = (one: KeptDeployment, replicas: number, write: ReplicasWrite): boolean => {
  const { manager, writtenAt } = one.replicasWrite;
  const isSameTime = writtenAt === undefined || writtenAt === write.writtenAt;
  return one.replicas === replicas && manager === write.manager && isSameTime;
};

/** `before` is what was kept of the same object; undefined for one that is being deleted. */
export const keptDeployment = (
  deployment: V1Deployment,
  before?: KeptDeployment,
): KeptDeployment | undefined => {
  const { metadata, spec } = deployment;
  if (metadata?.name === undefined || metadata.deletionTimestamp !== undefined) return undefined;
  const { name, namespace = 'default', uid = '', resourceVersion = '' } = metadata;
  const replicas = spec?.replicas ?? 1;
  const replicasWrite = replicasWriteIn(metadata.managedFields);
  const goesOn = before?.uid === uid && isSameWrite(before, replicas, replicasWrite);
  const annotations = settingsAnnotated(
    metadata.annotations,
    spec?.template?.metadata?.annotations,
  );
  return {
    workload: `${namespace}/${name}`,
    namespace,
    name,
    uid,
    resourceVersion,
    replicasSince: goesOn ? before.replicasSince : resourceVersion,
    replicas,
    replicasWrite,
    annotations,
    enabled: enabledOf(deployment, annotations),
    isRevision: metadata.labels?.[revisionLabel] !== undefined,
    createdAtMs: Date.parse(String(metadata.creationTimestamp)) || 0,
  };
};

/** Versions of one API server compare as numbers; what is no number is never as new. */
export const isAsNew = (version: string, than: string): boolean => {
  const digits = /^\d+$/;
  return digits.test(version) && digits.test(than) && BigInt(version) >= BigInt(than);
};
