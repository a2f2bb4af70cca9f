/** The collections of a cluster that workloads are made of, each followed once per process. */
import type {
  KubernetesObject,
  V1ConfigMap,
  V1EndpointSlice,
  V1Service,
} from '@kubernetes/client-node';
import type { ClusterAccess } from './cluster-access.ts';
import { type KeptDeployment, keptDeployment } from './deployment-object.ts';
import type { FollowLimits } from './follow-objects.ts';
import { createObjectCache, type ObjectCache } from './object-cache.ts';
import { namespaceEnabled } from './opt-in.ts';
import { type KeptPod, keptPod } from './pod-object.ts';
import { sliceLabel, workloadOfService } from './routing/index.ts';
import { withoutManagedFields } from './without-managed-fields.ts';

const configMapName = 'config-autoscaler';

export interface KeptReplicaSet {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly deploymentUid: string;
}

/** Of a ConfigMap: its data; a comment among them is left out. */
export type ConfigData = Readonly<Record<string, string>>;

export interface ClusterCaches {
  readonly deployments: ObjectCache<KeptDeployment>;
  readonly replicaSets: ObjectCache<KeptReplicaSet>;
  readonly pods: ObjectCache<KeptPod>;
  /** Those that name a Deployment of ours. */
  readonly services: ObjectCache<V1Service>;
  /** What Namespaces say of being scaled; those that say nothing are left out. */
  readonly namespaces: ObjectCache<boolean>;
  /** By their namespaces, the first one counts. */
  readonly configs: readonly ObjectCache<ConfigData>[];
  /** Of the activator's own Service. */
  readonly activators: ObjectCache<V1EndpointSlice> | undefined;
  readonly all: readonly ObjectCache<unknown>[];
}

export interface ClusterCachesOptions {
  readonly access: ClusterAccess;
  readonly configNamespaces: readonly string[];
  /** `namespace/name`; undefined where nothing is routed. Pods are kept as endpoints for it. */
  readonly activatorService?: string | undefined;
  readonly limits?: FollowLimits | undefined;
}

const keptReplicaSet = ({ metadata }: KubernetesObject): KeptReplicaSet | undefined => {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind !== 'Deployment') return undefined;
  const { uid = '', namespace = '', name = '' } = metadata ?? {};
  return { uid, namespace, name, deploymentUid: owner.uid };
};

const configCache = (namespace: string, options: ClusterCachesOptions) =>
  createObjectCache<V1ConfigMap, ConfigData>({
    ...options.limits,
    access: options.access,
    what: {
      path: `/api/v1/namespaces/${namespace}/configmaps`,
      fieldSelector: `metadata.name=${configMapName}`,
    },
    trim: ({ data = {} }) =>
      Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith('_'))),
  });

const activatorCache = (activatorService: string, options: ClusterCachesOptions) => {
  const [namespace, name] = activatorService.split('/');
  return createObjectCache<V1EndpointSlice, V1EndpointSlice>({
    ...options.limits,
    access: options.access,
    what: {
      path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
      labelSelector: `${sliceLabel.service}=${name}`,
    },
    trim: withoutManagedFields,
  });
};

/** Caches that are empty until each of them follows. */
export const createClusterCaches = (options: ClusterCachesOptions): ClusterCaches => {
  const { access, configNamespaces, activatorService, limits } = options;
  const common = { ...limits, access };
  const keepsEndpoints = activatorService !== undefined;
  const caches = {
    deployments: createObjectCache({
      ...common,
      what: { path: '/apis/apps/v1/deployments' },
      trim: keptDeployment,
    }),
    replicaSets: createObjectCache({
      ...common,
      what: { path: '/apis/apps/v1/replicasets', metadataOnly: true },
      trim: keptReplicaSet,
    }),
    pods: createObjectCache<KubernetesObject, KeptPod>({
      ...common,
      what: {
        path: '/api/v1/pods',
        // Every pod of a Deployment has it; whose pod it is, its owners say.
        labelSelector: 'pod-template-hash',
        // Pods that ended for good, by an eviction for one, serve nothing and stay for long.
        fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
      },
      trim: (pod, before) => keptPod(pod, before, keepsEndpoints),
    }),
    services: createObjectCache<V1Service, V1Service>({
      ...common,
      what: { path: '/api/v1/services' },
      trim: (one) => (workloadOfService(one) === undefined ? undefined : withoutManagedFields(one)),
    }),
    namespaces: createObjectCache<KubernetesObject, boolean>({
      ...common,
      what: { path: '/api/v1/namespaces', metadataOnly: true, clusterScoped: true },
      trim: ({ metadata }) => namespaceEnabled(metadata ?? {}),
    }),
    configs: configNamespaces.map((namespace) => configCache(namespace, options)),
    activators: keepsEndpoints ? activatorCache(activatorService, options) : undefined,
  };
  const { configs, activators, namespaces, ...others } = caches;
  // Whoever may see some namespaces only is seldom allowed to list them all.
  const wide = access.namespaces.length === 0 ? [namespaces] : [];
  const routed = activators === undefined ? [] : [activators];
  return { ...caches, all: [...Object.values(others), ...configs, ...wide, ...routed] };
};
