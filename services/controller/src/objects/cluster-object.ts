/** The parts of Kubernetes objects that are read and written here, as the API's JSON has them. */

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

export type TextMap = Readonly<Record<string, string>>;

export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: TextMap;
  readonly annotations?: TextMap;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
}

/** Part of an object that is passed on without being looked into. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
export interface JsonMap {
  readonly [key: string]: Json | undefined;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: TextMap; readonly annotations?: TextMap };
  readonly spec: JsonMap;
}

export interface Deployment extends ClusterObject {
  readonly spec: {
    readonly replicas?: number;
    readonly progressDeadlineSeconds?: number;
    readonly selector: { readonly matchLabels?: TextMap };
    readonly strategy?: JsonMap;
    readonly template: PodTemplate;
  };
  readonly status?: {
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

/** Kubernetes' own Service, not Knative's. */
export interface CoreService extends ClusterObject {
  readonly spec: {
    readonly type?: string;
    readonly selector?: TextMap;
    readonly ports?: readonly ServicePort[];
  };
}

/** `namespace/name`. */
export const keyOf = ({ metadata }: ClusterObject): `${string}/${string}` =>
  `${metadata.namespace ?? ''}/${metadata.name}`;

/** The one owner that answers for the object, if any. */
export const controllerOf = ({ metadata }: ClusterObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller === true);

/** Does the object belong to the one with this uid? */
export const isOwnedBy = (object: ClusterObject, uid: string | undefined): boolean =>
  uid !== undefined && controllerOf(object)?.uid === uid;

/**
 * Is it of a former owner of the same name? Then it is on its way out, and makes room by itself.
 */
export const isLeftover = (object: ClusterObject, owner: OwnerReference | undefined): boolean => {
  const now = controllerOf(object);
  const isSameName = now?.kind === owner?.kind && now?.name === owner?.name;
  return now !== undefined && isSameName && now.uid !== owner?.uid;
};

/**
 * A reference by which the object goes when its owner goes. The owner must have been stored. It
 * does not block the owner's deletion: where that is enforced, whoever asks for it needs a right to
 * the owner's finalizers.
 */
export const ownerReference = ({ apiVersion, kind, metadata }: ClusterObject): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? '',
  controller: true,
});
