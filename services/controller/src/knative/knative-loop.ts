/** Serves the Knative Services of a partition: looks at each that something changed of. */
import { partitionOf, type WorkloadKey, workloadName } from '@flyball/contracts';
import type { ObjectCache } from '@flyball/platform/kubernetes';
import type { ClusterCaches } from '../cluster-caches.ts';
import type { ControllerParts, PartitionLoop, Tenure } from '../loop.ts';
import { type ClusterObject, type Deployment, keyOf } from '../objects/cluster-object.ts';
import { createWorkQueue } from '../work/work-queue.ts';
import type { FoundObjects, Observed, ServingSettings } from './observed.ts';
import { reconcileService } from './reconcile-service.ts';
import { servingLabel } from './serving-names.ts';
import { withQueueProxy } from './with-queue-proxy.ts';

/** The Service that an object is labelled with. */
const serviceKeyOf = ({ metadata }: ClusterObject): WorkloadKey | undefined => {
  const service = metadata.labels?.[servingLabel.service];
  return service === undefined ? undefined : `${metadata.namespace ?? ''}/${service}`;
};

/** The Deployments of each Service, kept as they come and go: looking for them must be cheap. */
const createDeploymentIndex = (deployments: ObjectCache<Deployment>) => {
  const byService = new Map<WorkloadKey, Map<string, Deployment>>();
  const put = (deployment: Deployment): void => {
    const service = serviceKeyOf(deployment);
    if (service === undefined) return;
    const ofService = byService.get(service) ?? new Map<string, Deployment>();
    byService.set(service, ofService.set(deployment.metadata.name, deployment));
  };
  const remove = (deployment: Deployment): void => {
    const service = serviceKeyOf(deployment);
    if (service === undefined) return;
    const ofService = byService.get(service);
    ofService?.delete(deployment.metadata.name);
    if (ofService?.size === 0) byService.delete(service);
  };
  for (const deployment of deployments.values()) put(deployment);
  const stop = deployments.onChange((change) => {
    if (change.kind !== 'kept' && change.kind !== 'gone') return;
    if (change.before !== undefined) remove(change.before);
    if (change.kind === 'kept') put(change.object);
  });
  const of = (service: WorkloadKey): readonly Deployment[] => [
    ...(byService.get(service)?.values() ?? []),
  ];
  return { of, stop };
};

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

const settingsOf = ({ config, caches, life }: ControllerParts): ServingSettings => ({
  config: caches.config(),
  domain: config.domain,
  revisionsKept: config.revisionsKept,
  withQueueProxy: withQueueProxy(config),
  nowMs: life.clock.nowMs(),
});

/** Everything that says something of a Knative Service. */
const cachesOf = ({
  knativeServices,
  deployments,
  services,
  podAutoscalers,
  routes,
}: ClusterCaches) =>
  [
    knativeServices,
    deployments,
    services,
    podAutoscalers,
    routes,
  ] as readonly ObjectCache<ClusterObject>[];

/** Tells of each Service that an object of it changed, and of all when sight comes back. */
const followChanges = (
  caches: ClusterCaches,
  { add, addAll }: { add: (service: WorkloadKey) => void; addAll: () => void },
): (() => void) => {
  const stops = cachesOf(caches).map((cache) =>
    cache.onChange((change) => {
      if (change.kind === 'synced') addAll();
      if (change.kind !== 'kept' && change.kind !== 'gone') return;
      const object = change.kind === 'kept' ? change.object : change.before;
      const isService = cache === (caches.knativeServices as ObjectCache<ClusterObject>);
      const service = isService ? keyOf(object) : serviceKeyOf(object);
      if (service !== undefined) add(service);
    }),
  );
  stops.push(caches.onConfig(addAll));
  return () => {
    for (const stop of stops) stop();
  };
};

const serve = async (
  partition: number,
  { signal, ownership }: Tenure,
  parts: ControllerParts,
): Promise<void> => {
  const { caches, life, writer, events } = parts;
  const index = createDeploymentIndex(caches.deployments);
  const isWhole = () => cachesOf(caches).every((cache) => cache.isSynced());
  const work = async (key: string): Promise<void> => {
    const { namespace, name } = workloadName(key as WorkloadKey);
    const service = caches.knativeServices.get(namespace, name);
    // While something is unseen nothing is done: all are looked at again when it is seen.
    if (service === undefined || service.metadata.deletionTimestamp !== undefined || !isWhole()) {
      return;
    }
    const observed = {
      deployments: index.of(`${namespace}/${name}`),
      find: foundIn(caches, namespace),
    };
    const inputs = { observed, settings: settingsOf(parts) };
    await reconcileService(service, inputs, { writer, events, isHeld: () => ownership.isHeld() });
  };
  const queue = createWorkQueue({
    clock: life.clock,
    signal,
    work,
    onTrouble: (service, error, pauseMs) =>
      life.logger.warn({ err: error, service, pauseMs }, 'a Knative Service could not be served'),
  });
  const add = (service: WorkloadKey): void => {
    if (partitionOf(service, ownership.partitionCount) === partition) queue.add(service);
  };
  const addAll = (): void => {
    for (const service of caches.knativeServices.values()) add(keyOf(service));
  };
  const stop = followChanges(caches, { add, addAll });
  addAll();
  try {
    await queue.ended;
  } finally {
    stop();
    index.stop();
  }
};

export const knativeLoop: PartitionLoop = {
  name: 'knative services',
  run: (partition, tenure, parts) =>
    parts.config.knativeServices === 'off' ? Promise.resolve() : serve(partition, tenure, parts),
};
