/** What routing looks at, as it is seen now: public Services, pods, activators, and our slices. */
import type { WorkloadKey } from '@flyball/contracts';
import {
  type CacheChange,
  type ClusterAccess,
  canonicalJson,
  createGrouped,
  createObjectCache,
  type EndpointPod,
  type EndpointSlice,
  endpointPodOf,
  type Grouped,
  groupCache,
  keptService,
  keptSlice,
  type ObjectCache,
  type ObjectKey,
  type PodObject,
  type ServiceObject,
  sliceLabel,
  sliceManager,
  workloadOfService,
} from '@flyball/platform/kubernetes';
import type { SeenKinds } from '../watch-sight.ts';
import { type LeftoverSlice, openLeftoverSlices } from './leftover-slices.ts';
import type { ManagedWorkloads } from './managed-workloads.ts';

export interface RoutingSight {
  /** Undefined for a Service that is not public. */
  service(key: ObjectKey): ServiceObject | undefined;
  pods(workload: WorkloadKey): readonly EndpointPod[];
  activators(): readonly EndpointSlice[];
  /** Our slices of a Service, public or not any more. */
  slices(service: ObjectKey): readonly EndpointSlice[];
  /** Slices of a Service that others made and nobody keeps, if it is public. */
  leftovers(service: ObjectKey): readonly LeftoverSlice[];
  /** It has a selector, and Kubernetes has not made the slices yet that lead by it. */
  awaitsKubernetes(service: ObjectKey): boolean;
  /** All Services that are public or have slices of ours. */
  keys(): ReadonlySet<ObjectKey>;
  /** What it follows itself. */
  readonly followed: SeenKinds;
  /** False until everything is known: what is not seen may be there then. */
  isSynced(): boolean;
  /** Tells of each Service whose slices may have to change; answers how to stop it. */
  onStirred(listener: (service: ObjectKey) => void): () => void;
  /** Follows the cluster until the signal aborts; rejects for a bug only. */
  follow(signal: AbortSignal): Promise<void>;
}

export interface RoutingSightOptions {
  readonly access: ClusterAccess;
  /** Whole Services, followed by whoever gives them. */
  readonly services: ObjectCache<object>;
  /** `namespace/name` of the Service whose endpoints are the activators. */
  readonly activatorService: string;
  readonly managed: Pick<ManagedWorkloads, 'onChange'>;
}

const slicesPath = '/apis/discovery.k8s.io/v1/endpointslices';

/** Told again without a difference, it stirs nothing. */
const keepSame = <Kept>(kept: Kept | undefined, before: Kept | undefined): Kept | undefined =>
  before !== undefined && canonicalJson(kept) === canonicalJson(before) ? before : kept;

const openPods = (access: ClusterAccess): ObjectCache<EndpointPod> =>
  createObjectCache<PodObject, EndpointPod>({
    access,
    what: {
      path: '/api/v1/pods',
      // Every pod of a Deployment has it.
      labelSelector: 'pod-template-hash',
      // Pods that ended for good serve nothing, and stay for long.
      fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
    },
    trim: (pod, before) => keepSame(endpointPodOf(pod), before),
  });

const openOwnSlices = (access: ClusterAccess): ObjectCache<EndpointSlice> =>
  createObjectCache<EndpointSlice, EndpointSlice>({
    access,
    what: { path: slicesPath, labelSelector: `${sliceLabel.managedBy}=${sliceManager}` },
    trim: keptSlice,
  });

const openActivators = (
  access: ClusterAccess,
  activatorService: string,
): ObjectCache<EndpointSlice> => {
  const [namespace = '', name = ''] = activatorService.split('/');
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  return createObjectCache<EndpointSlice, EndpointSlice>({
    access,
    what: { path, labelSelector: `${sliceLabel.service}=${name}` },
    trim: (slice, before) => {
      const { metadata, ...kept } = keptSlice(slice);
      const { name: own = '', namespace: place = '' } = metadata ?? {};
      return keepSame({ ...kept, metadata: { name: own, namespace: place } }, before);
    },
  });
};

const serviceOfSlice = ({ metadata }: EndpointSlice): ObjectKey =>
  `${metadata?.namespace}/${metadata?.labels?.[sliceLabel.service] ?? ''}`;

interface PublicServices {
  readonly byKey: ReadonlyMap<ObjectKey, ServiceObject>;
  readonly byWorkload: Grouped<WorkloadKey, ObjectKey>;
}

/** The public ones among all Services, by themselves and by the workloads that they name. */
const indexPublicServices = (
  services: ObjectCache<object>,
  stir: (service: ObjectKey) => void,
): PublicServices => {
  const byKey = new Map<ObjectKey, ServiceObject>();
  const byWorkload = createGrouped<WorkloadKey, ObjectKey>();
  const remove = (key: ObjectKey): void => {
    const known = byKey.get(key);
    const workload = known === undefined ? undefined : workloadOfService(known);
    if (workload !== undefined) byWorkload.remove(workload, key);
    byKey.delete(key);
  };
  const take = (change: CacheChange<object>): void => {
    if (change.kind !== 'kept' && change.kind !== 'gone') return;
    const { key } = change;
    const wasKnown = byKey.has(key);
    remove(key);
    const kept = change.kind === 'kept' ? keptService(change.object as ServiceObject) : undefined;
    const workload = kept === undefined ? undefined : workloadOfService(kept);
    if (kept !== undefined && workload !== undefined) {
      byKey.set(key, kept);
      byWorkload.put(workload, key, key);
    }
    if (wasKnown || kept !== undefined) stir(key);
  };
  services.onChange(take);
  for (const [key, object] of services.entries()) {
    take({ kind: 'kept', key, object, before: undefined });
  }
  return { byKey, byWorkload };
};

const hasSelector = (services: ObjectCache<object>, key: ObjectKey): boolean => {
  const { spec } = (services.at(key) ?? {}) as ServiceObject;
  return Object.keys(spec?.selector ?? {}).length > 0;
};

const stirring = () => {
  const listeners = new Set<(service: ObjectKey) => void>();
  return {
    stir: (service: ObjectKey): void => {
      for (const listener of listeners) listener(service);
    },
    onStirred: (listener: (service: ObjectKey) => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

interface AllServices {
  readonly activators: ObjectCache<EndpointSlice>;
  readonly caches: readonly ObjectCache<unknown>[];
  readonly isSynced: () => boolean;
}

/** Stirs for what concerns all Services: other activators, and everything being seen. */
const followForAll = ({ activators, caches, isSynced }: AllServices, stirAll: () => void): void => {
  activators.onChange((change) => {
    if (change.kind === 'gone') stirAll();
    if (change.kind === 'kept' && change.object !== change.before) stirAll();
  });
  for (const cache of caches) {
    cache.onChange((change) => {
      if (change.kind === 'synced' && isSynced()) stirAll();
    });
  }
};

/** Sees nothing until it follows; of the Services, what the given cache tells. */
export const createRoutingSight = (options: RoutingSightOptions): RoutingSight => {
  const { access, activatorService, managed } = options;
  const { stir, onStirred } = stirring();
  const activators = openActivators(access, activatorService);
  const pods = openPods(access);
  const ownSlices = openOwnSlices(access);
  const services = indexPublicServices(options.services, stir);
  const stirServicesOf = (workload: WorkloadKey): void => {
    for (const service of services.byWorkload.of(workload)) stir(service);
  };
  const podsByWorkload = groupCache(pods, ({ workload }) => workload, stirServicesOf);
  managed.onChange(stirServicesOf);
  const slicesByService = groupCache(ownSlices, serviceOfSlice, stir);
  const leftovers = openLeftoverSlices(access);
  const leftoversByService = groupCache(
    leftovers,
    ({ service }) => service,
    (service) => {
      const hasOurs = slicesByService.of(service).length > 0;
      if (services.byKey.has(service) || hasOurs) stir(service);
    },
  );
  const followed = { activators, pods, slices: ownSlices, 'slices of others': leftovers };
  const caches = [options.services, ...Object.values(followed)];
  const isSynced = (): boolean => caches.every((cache) => cache.isSynced());
  const keys = (): ReadonlySet<ObjectKey> =>
    new Set([...services.byKey.keys(), ...slicesByService.groups()]);
  followForAll({ activators, caches, isSynced }, () => {
    for (const key of keys()) stir(key);
  });
  return {
    service: (key) => services.byKey.get(key),
    pods: (workload) => podsByWorkload.of(workload),
    activators: () => [...activators.values()],
    slices: (service) => slicesByService.of(service),
    leftovers: (service) => (services.byKey.has(service) ? leftoversByService.of(service) : []),
    awaitsKubernetes: (service) =>
      hasSelector(options.services, service) &&
      leftoversByService.of(service).every(({ source }) => source !== 'slice'),
    keys,
    followed,
    isSynced,
    onStirred,
    follow: async (signal) => {
      await Promise.all(Object.values(followed).map((cache) => cache.follow(signal)));
    },
  };
};
