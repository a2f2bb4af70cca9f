/** The objects of a cluster as far as the doctor looks at them. */

export interface FieldsOwner {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: unknown;
}

export interface ClusterObject<Spec = Record<string, unknown>> {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
    readonly managedFields?: readonly FieldsOwner[];
  };
  readonly spec?: Spec;
}

export interface ContainerSpec {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

export interface DeploymentSpec {
  readonly replicas?: number;
  readonly template?: {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec?: { readonly containers?: readonly ContainerSpec[] };
  };
}

export interface DeploymentObject extends ClusterObject<DeploymentSpec> {
  readonly status?: { readonly availableReplicas?: number };
}

export interface ServiceSpec {
  readonly selector?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly clusterIP?: string;
  readonly ports?: readonly unknown[];
}

export interface ScaleTarget {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
}

export type ScalerObject = ClusterObject<{ readonly scaleTargetRef?: ScaleTarget }>;

export const keyOf = ({ metadata }: ClusterObject<unknown>): string =>
  `${metadata.namespace}/${metadata.name}`;

/** What one look at a cluster saw. */
export interface ClusterSight {
  readonly deployments: readonly DeploymentObject[];
  readonly namespaces: readonly ClusterObject[];
  readonly services: readonly ClusterObject<ServiceSpec>[];
  readonly endpointSlices: readonly ClusterObject[];
  readonly autoscalers: readonly ScalerObject[];
  readonly scaledObjects: readonly ScalerObject[];
  readonly httpScaledObjects: readonly ScalerObject[];
  /** Names of the groups of the API: `metrics.k8s.io`. */
  readonly apiGroups: readonly string[];
}

/** How Flyball itself is set up there; undefined: it is not. */
export interface Installation {
  readonly namespace: string;
  /** Its Deployments. */
  readonly services: readonly string[];
  /** Those of them without a pod that is available. */
  readonly unavailable: readonly string[];
  readonly optIn: 'annotated' | 'all';
}
