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
  /** Grows with every write to its spec, and to its annotations. */
  readonly generation: number;
  readonly replicas: number;
  readonly replicasWrite: ReplicasWrite;
  /** Settings of the pod template over its own. */
  readonly annotations: Annotations;
  /** What it, or its owner, says of being scaled by us; undefined: nothing. */
  readonly enabled: boolean | undefined;
  readonly isRevision: boolean;
  readonly createdAtMs: number;
}

const own = (metadata: { annotations?: Annotations } | undefined): Annotations =>
  metadata?.annotations ?? {};

/** Knative's own autoscaler scales what a Revision owns; those of ours are owned by a Service. */
const isOfKnative = ({ metadata }: V1Deployment): boolean => {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return owner?.kind === 'Revision' && owner.apiVersion.startsWith('serving.knative.dev/');
};

/** `false` at any of its two places wins. */
const enabledOf = (deployment: V1Deployment, all: Annotations): boolean | undefined => {
  if (isOfKnative(deployment)) return false;
  const { metadata, spec } = deployment;
  const places = [own(metadata), own(spec?.template?.metadata)];
  if (places.some((place) => enabledBy(place[enabledAnnotation]) === false)) return false;
  return isOptedIn(all) ? true : undefined;
};

/** The last write to the replicas is the one that was known before. */
const isSameWrite = (before: KeptDeployment, now: Seen, isNext: boolean): boolean => {
  const { manager, writtenAt } = before.replicasWrite;
  const isSameTime = writtenAt === undefined || writtenAt === now.replicasWrite.writtenAt;
  const isSame = before.replicas === now.replicas && manager === now.replicasWrite.manager;
  // Written and written back looks the same; of that only the generation tells.
  const isUntouched = isNext || before.generation === now.generation;
  return before.uid === now.uid && isSame && isSameTime && isUntouched;
};

type Seen = Pick<KeptDeployment, 'uid' | 'replicas' | 'replicasWrite' | 'generation'>;

/**
 * `before` is what was kept of the same object, `isNext` says that no write lies in between.
 * Undefined for one that is being deleted.
 */
export const keptDeployment = (
  deployment: V1Deployment,
  before?: KeptDeployment,
  isNext = false,
): KeptDeployment | undefined => {
  const { metadata, spec } = deployment;
  if (metadata?.name === undefined || metadata.deletionTimestamp !== undefined) return undefined;
  const { name, namespace = 'default', uid = '', resourceVersion = '' } = metadata;
  const replicas = spec?.replicas ?? 1;
  const replicasWrite = replicasWriteIn(metadata.managedFields);
  const generation = metadata.generation ?? 0;
  const seen = { uid, replicas, replicasWrite, generation };
  const goesOn = before !== undefined && isSameWrite(before, seen, isNext);
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
    generation,
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
