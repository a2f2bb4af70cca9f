/** The controller: what Flyball does on a cluster beside scaling, partition by partition. */
import { connectCluster } from '@flyball/platform/kubernetes';
import {
  connectBus,
  countClusterCalls,
  defineService,
  type Life,
  ownPartitions,
  registerReading,
} from '@flyball/service';
import { openClusterCaches } from './cluster-caches.ts';
import { type ControllerConfig, controllerConfig } from './config.ts';
import { openRoutingSight } from './endpoints/open-routing-sight.ts';
import { servedKinds } from './knative/kinds/served-kinds.ts';
import type { ControllerParts } from './loop.ts';
import { loops } from './loops.ts';
import { createEventRecorder } from './objects/event-recorder.ts';
import { createObjectWriter } from './objects/object-writer.ts';
import { runLoops } from './run-loops.ts';
import { watchSight } from './watch-sight.ts';

const openCluster = ({ kubeconfig, namespaces }: ControllerConfig, life: Life) => {
  const access = connectCluster({ kubeconfig, namespaces, onCall: countClusterCalls(life) });
  life.onClose('cluster', () => access.close());
  return access;
};

export const controller = defineService({
  name: 'controller',
  configSchema: controllerConfig,
  start: async (config: ControllerConfig, life) => {
    const log = await connectBus(config, life);
    const access = openCluster(config, life);
    const served = servedKinds({ access, config, life });
    const caches = openClusterCaches(access, config, { life, served });
    registerReading(life);
    const { clock, logger, incarnation: instance } = life;
    const parts: ControllerParts = {
      ...{ config, life, log, access, caches },
      writer: createObjectWriter(access),
      events: createEventRecorder({ access, clock, logger, instance }),
      ...openRoutingSight({ access, caches, config, life }),
    };
    const all = { ...caches.needed, ...parts.routing.followed };
    watchSight(all, logger, life.readiness('cluster'));
    await ownPartitions({
      log,
      stage: 'controller',
      life,
      run: (partition, signal, ownership) =>
        runLoops(loops, { partition, tenure: { signal, ownership } }, parts),
    });
  },
});
