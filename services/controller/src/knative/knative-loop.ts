/** Serves the Knative Services of a partition: looks at each that something changed of. */
import { partitionOf, type WorkloadKey, workloadName } from '@flyball/contracts';
import type { Tenure } from '@flyball/service';
import type { ControllerParts, PartitionLoop } from '../loop.ts';
import { keyOf } from '../objects/cluster-object.ts';
import { createWorkQueue } from '../work/work-queue.ts';
import type { ServingSettings } from './observed.ts';
import { reconcileService } from './reconcile-service.ts';
import { openServiceSight } from './service-sight.ts';
import { withQueueProxy } from './with-queue-proxy.ts';

const settingsOf = ({ config, caches, life }: ControllerParts): ServingSettings => ({
  config: caches.config(),
  domain: config.domain,
  revisionsKept: config.revisionsKept,
  withQueueProxy: withQueueProxy(config),
  nowMs: life.clock.nowMs(),
});

const serve = async (
  partition: number,
  { signal, ownership }: Tenure,
  parts: ControllerParts,
): Promise<void> => {
  const { caches, life, writer, events } = parts;
  const add = (service: WorkloadKey): void => {
    if (partitionOf(service, ownership.partitionCount) === partition) queue.add(service);
  };
  const addAll = (): void => {
    for (const service of caches.knativeServices.values()) add(keyOf(service));
  };
  const sight = openServiceSight(caches, { add, addAll });
  const work = async (key: string): Promise<void> => {
    const name = workloadName(key as WorkloadKey);
    const service = caches.knativeServices.get(name.namespace, name.name);
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return;
    // While something is unseen nothing is done: all are looked at again when it is seen.
    if (!sight.isWhole()) return;
    const inputs = { observed: sight.observed(name), settings: settingsOf(parts) };
    await reconcileService(service, inputs, { writer, events, isHeld: () => ownership.isHeld() });
  };
  const queue = createWorkQueue({
    clock: life.clock,
    signal,
    work,
    onTrouble: (service, error, pauseMs) =>
      life.logger.warn({ err: error, service, pauseMs }, 'a Knative Service could not be served'),
  });
  addAll();
  try {
    await queue.ended;
  } finally {
    sight.stop();
  }
};

export const knativeLoop: PartitionLoop = {
  name: 'knative services',
  run: (partition, tenure, parts) =>
    parts.config.knativeServices === 'off' ? Promise.resolve() : serve(partition, tenure, parts),
};
