/** Class hpa: makes, keeps right and removes the HorizontalPodAutoscalers of a partition. */
import { partitionOf, type WorkloadKey, workloadName } from '@flyball/contracts';
import type { CacheChange } from '@flyball/platform/kubernetes';
import type { Tenure } from '@flyball/service';
import { deploymentName } from '../knative/serving-names.ts';
import type { ControllerParts, PartitionLoop } from '../loop.ts';
import {
  type ClusterObject,
  controllerOf,
  type Deployment,
  keyOf,
} from '../objects/cluster-object.ts';
import type { EventText } from '../objects/event-recorder.ts';
import { flyballNamespace } from '../own-namespace.ts';
import { createWorkQueue } from '../work/work-queue.ts';
import { autoscalerNameOf, desiredAutoscaler } from './desired-autoscaler.ts';
import { planAutoscaler } from './plan-autoscaler.ts';

/** What was told last of each Deployment; beyond this many, some of it is told again. */
const toldMax = 10_000;

/** Tells a text of an object once, until another one is told of it. */
const createTeller = ({ events }: Pick<ControllerParts, 'events'>) => {
  const told = new Map<string, string>();
  return async (deployment: Deployment, text: EventText | undefined): Promise<void> => {
    const uid = deployment.metadata.uid ?? '';
    if (text === undefined) return;
    const said = `${text.reason} ${text.message}`;
    if (told.get(uid) === said) return;
    if (told.size >= toldMax) told.clear();
    told.set(uid, said);
    await events.record(deployment, text);
  };
};

const reconcile = async (
  deployment: Deployment,
  { config, caches, writer }: ControllerParts,
  { tell, own }: { readonly tell: ReturnType<typeof createTeller>; readonly own: string },
): Promise<void> => {
  const { namespace = '' } = deployment.metadata;
  const desired = desiredAutoscaler(deployment, {
    config: caches.config(),
    optIn: config.optIn,
    ownNamespace: own,
    namespace: caches.namespaces?.get('', namespace),
  });
  const current = caches.autoscalers.get(namespace, autoscalerNameOf(deployment));
  const { write, told } = planAutoscaler(deployment, desired, current);
  if (write?.verb === 'create') await writer.create(write.object);
  if (write?.verb === 'replace') await writer.replace(write.object);
  if (write?.verb === 'remove') await writer.remove(write.object);
  await tell(deployment, told);
};

/** Whose it is, and who would have one of that name: somebody else's may be in their way. */
const deploymentsOf = (
  change: Extract<CacheChange<ClusterObject>, { kind: 'kept' | 'gone' }>,
): ReadonlySet<WorkloadKey> => {
  const { namespace, name } = workloadName(change.key);
  const objects = [change.before, change.kind === 'kept' ? change.object : undefined];
  const owners = objects.flatMap((object) => (object && controllerOf(object)) ?? []);
  const owned = owners.filter(({ kind }) => kind === 'Deployment').map((owner) => owner.name);
  const names = [...owned, name, deploymentName(name)];
  return new Set(names.map((one): WorkloadKey => `${namespace}/${one}`));
};

/** Tells of each Deployment that something changed of. */
const followChanges = (
  { caches }: ControllerParts,
  { add, addAll }: { add: (deployment: WorkloadKey) => void; addAll: () => void },
): (() => void) => {
  const stops = [
    caches.deployments.onChange((change) => {
      if (change.kind === 'synced') addAll();
      if (change.kind === 'kept') add(change.key);
    }),
    caches.autoscalers.onChange((change) => {
      if (change.kind === 'synced') addAll();
      if (change.kind !== 'kept' && change.kind !== 'gone') return;
      for (const deployment of deploymentsOf(change)) add(deployment);
    }),
    // A Namespace changes seldom, and then for all in it.
    caches.namespaces?.onChange(({ kind }) => {
      if (kind === 'kept' || kind === 'synced') addAll();
    }),
    caches.onConfig(addAll),
  ];
  return () => {
    for (const stop of stops) stop?.();
  };
};

const run = async (
  partition: number,
  { signal, ownership }: Tenure,
  parts: ControllerParts,
): Promise<void> => {
  const { caches, life } = parts;
  const told = { tell: createTeller(parts), own: flyballNamespace() };
  const sights = [caches.deployments, caches.autoscalers, caches.namespaces];
  const work = async (key: string): Promise<void> => {
    const deployment = caches.deployments.at(key as WorkloadKey);
    const isSeen = sights.every((cache) => cache === undefined || cache.isSynced());
    if (deployment === undefined || !isSeen || !ownership.isHeld()) return;
    await reconcile(deployment, parts, told);
  };
  const queue = createWorkQueue({
    clock: life.clock,
    signal,
    work,
    onTrouble: (deployment, error, pauseMs) =>
      life.logger.warn({ err: error, deployment, pauseMs }, 'an autoscaler could not be written'),
  });
  const add = (deployment: WorkloadKey): void => {
    if (partitionOf(deployment, ownership.partitionCount) === partition) queue.add(deployment);
  };
  const addAll = (): void => {
    for (const deployment of caches.deployments.values()) add(keyOf(deployment));
  };
  const stop = followChanges(parts, { add, addAll });
  addAll();
  try {
    await queue.ended;
  } finally {
    stop();
  }
};

export const hpaLoop: PartitionLoop = { name: 'horizontal pod autoscalers', run };
