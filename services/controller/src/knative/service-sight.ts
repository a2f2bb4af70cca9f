/** What the caches show of each Knative Service, and whose turn it is when something changes. */
import type { WorkloadKey, WorkloadName } from '@flyball/contracts';
import { groupCache, type ObjectCache } from '@flyball/platform/kubernetes';
import type { ClusterCaches } from '../cluster-caches.ts';
import { type ClusterObject, keyOf } from '../objects/cluster-object.ts';
import type { FoundObjects, Observed } from './observed.ts';
import type { RevisionPod } from './pod-trouble.ts';
import { servingLabel } from './serving-names.ts';

export interface ServiceSight {
  observed(service: WorkloadName): Observed;
  /** True while everything that is there is known. */
  isWhole(): boolean;
  stop(): void;
}

export interface SightListener {
  /** Something of it changed. */
  readonly add: (service: WorkloadKey) => void;
  /** Anything may have changed, of any. */
  readonly addAll: () => void;
}

/** The Service that an object is labelled with. */
const serviceKeyOf = ({ metadata }: ClusterObject): WorkloadKey | undefined => {
  const service = metadata.labels?.[servingLabel.service];
  return service === undefined ? undefined : `${metadata.namespace ?? ''}/${service}`;
};

/** Whose it is; what is nobody's may be, by its name, in the way of one. */
const servicesOf = (object: ClusterObject | undefined): readonly WorkloadKey[] => {
  if (object === undefined) return [];
  const service = serviceKeyOf(object);
  if (service !== undefined) return [service];
  return ['Service', 'Route'].includes(object.kind) ? [keyOf(object)] : [];
};

const podServiceOf = ({ namespace, service }: RevisionPod): WorkloadKey =>
  `${namespace}/${service}`;

const foundIn = (caches: ClusterCaches, namespace: string): Observed['find'] => {
  const among = {
    Deployment: caches.deployments,
    Service: caches.services,
    PodAutoscaler: caches.podAutoscalers,
    Route: caches.routes,
  };
  return <Kind extends keyof FoundObjects>(kind: Kind, name: string) =>
    among[kind].get(namespace, name) as FoundObjects[Kind] | undefined;
};

/** Those whose objects carry the label of their Service. */
const labelled = ({ deployments, services, podAutoscalers, routes }: ClusterCaches) =>
  [deployments, services, podAutoscalers, routes] as readonly ObjectCache<ClusterObject>[];

const followServices = (
  { knativeServices }: ClusterCaches,
  { add, addAll }: SightListener,
): (() => void) =>
  knativeServices.onChange((change) => {
    if (change.kind === 'synced') addAll();
    if (change.kind === 'kept') add(keyOf(change.object));
  });

const followLabelled = (caches: ClusterCaches, { add, addAll }: SightListener) =>
  labelled(caches).map((cache) =>
    cache.onChange((change) => {
      if (change.kind === 'synced') addAll();
      if (change.kind !== 'kept' && change.kind !== 'gone') return;
      const now = change.kind === 'kept' ? change.object : undefined;
      for (const service of [change.before, now].flatMap(servicesOf)) {
        if (caches.knativeServices.at(service) !== undefined) add(service);
      }
    }),
  );

/** Pods come and go all the time: only what keeps one from coming up is of interest. */
const followPods = (
  { revisionPods }: ClusterCaches,
  { add, addAll }: SightListener,
): (() => void) =>
  revisionPods.onChange((change) => {
    if (change.kind === 'synced') addAll();
    if (change.kind !== 'kept' && change.kind !== 'gone') return;
    const [before, after] = [change.before, change.kind === 'kept' ? change.object : undefined];
    const isSame =
      before?.trouble?.reason === after?.trouble?.reason &&
      before?.trouble?.message === after?.trouble?.message;
    const pod = after ?? before;
    if (!isSame && pod !== undefined) add(podServiceOf(pod));
  });

/** Follows the caches until it is stopped. */
export const openServiceSight = (caches: ClusterCaches, listener: SightListener): ServiceSight => {
  const deployments = groupCache(caches.deployments, serviceKeyOf);
  const pods = groupCache(caches.revisionPods, podServiceOf);
  const all = [...labelled(caches), caches.knativeServices, caches.revisionPods];
  const stops = [
    deployments.stop,
    pods.stop,
    followServices(caches, listener),
    followPods(caches, listener),
    caches.onConfig(listener.addAll),
    ...followLabelled(caches, listener),
  ];
  return {
    observed: ({ namespace, name }) => {
      const service: WorkloadKey = `${namespace}/${name}`;
      return {
        deployments: deployments.of(service),
        find: foundIn(caches, namespace),
        troubleOf: (revision) =>
          pods.of(service).find((pod) => pod.revision === revision && pod.trouble)?.trouble,
      };
    },
    isWhole: () => all.every((cache) => cache.isSynced()),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
};
