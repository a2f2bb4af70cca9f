/** The controller's loops on a real API server, without the processes around them: for tests. */
import { type EventLog, openMemoryEventLog } from '@flyball/event-log';
import { type ClusterAccess, connectCluster } from '@flyball/platform/kubernetes';
import { beginLife, readConfig, systemClock } from '@flyball/service';
import { type Logger, pino } from 'pino';
import { openClusterCaches } from '../cluster-caches.ts';
import { controllerConfig } from '../config.ts';
import { openRoutingSight } from '../endpoints/open-routing-sight.ts';
import { servedKinds } from '../knative/kinds/served-kinds.ts';
import type { ControllerParts, PartitionLoop } from '../loop.ts';
import { createEventRecorder } from '../objects/event-recorder.ts';
import { createObjectWriter } from '../objects/object-writer.ts';
import { runLoops } from '../run-loops.ts';

export interface ClusterBed extends AsyncDisposable {
  readonly log: EventLog;
  readonly access: ClusterAccess;
  /** Calls that changed something, as `create deployments`. */
  readonly writes: string[];
  /** Any call but watches, as `get deployments`. */
  readonly calls: string[];
}

export interface BedOptions {
  readonly kubeconfig: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly logger?: Logger;
}

const configOf = (env: Readonly<Record<string, string>>) => {
  const read = readConfig(controllerConfig, env);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.config;
};

/** Runs the loops as the one owner of the one partition. */
export const startLoops = (
  loops: readonly PartitionLoop[],
  { kubeconfig, env = {}, logger = pino({ level: 'silent' }) }: BedOptions,
): ClusterBed => {
  const log = openMemoryEventLog();
  const config = configOf({ FLYBALL_KUBECONFIG: kubeconfig, ...env });
  const writes: string[] = [];
  const calls: string[] = [];
  const crashes: unknown[] = [];
  const living = beginLife({
    ...{ service: 'controller', instance: '1', logger, clock: systemClock, random: Math.random },
    onCrash: (error) => crashes.push(error),
  });
  const { life } = living;
  const onCall = (verb: string, resource: string): void => {
    if (verb !== 'watch') calls.push(`${verb} ${resource}`);
    if (!['watch', 'list', 'get'].includes(verb)) writes.push(`${verb} ${resource}`);
  };
  const access = connectCluster({ kubeconfig, namespaces: config.namespaces, onCall });
  const served = servedKinds({ access, config, life });
  const caches = openClusterCaches(access, config, { life, served });
  const parts: ControllerParts = {
    ...{ config, life, access, caches, log },
    ...openRoutingSight({ access, caches, config, life }),
    writer: createObjectWriter(access),
    events: createEventRecorder({ access, clock: systemClock, logger, instance: 'test' }),
  };
  const ownership = { isHeld: () => true, partitionCount: 1 };
  life.run('loops', (signal) =>
    runLoops(loops, { partition: 0, tenure: { signal, ownership } }, parts),
  );
  return {
    ...{ access, log, writes, calls },
    [Symbol.asyncDispose]: async () => {
      await living.drain();
      await access.close();
      if (crashes.length > 0) throw crashes[0];
    },
  };
};
