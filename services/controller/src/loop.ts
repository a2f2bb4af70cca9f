/** What a loop of the controller is given: the cluster as it is now, and how to write to it. */
import type { EventLog } from '@flyball/event-log';
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import type { Life, Tenure } from '@flyball/service';
import type { ClusterCaches } from './cluster-caches.ts';
import type { ControllerConfig } from './config.ts';
import type { ManagedWorkloads } from './endpoints/managed-workloads.ts';
import type { RoutingSight } from './endpoints/routing-sight.ts';
import type { EventRecorder } from './objects/event-recorder.ts';
import type { ObjectWriter } from './objects/object-writer.ts';

/** Of the process: all partitions share them. */
export interface ControllerParts {
  readonly config: ControllerConfig;
  readonly life: Life;
  readonly log: EventLog;
  readonly access: ClusterAccess;
  readonly caches: ClusterCaches;
  readonly writer: ObjectWriter;
  readonly events: EventRecorder;
  readonly routing: RoutingSight;
  readonly managed: ManagedWorkloads;
}

/** The work of one kind for one partition, from gaining it to losing it. */
export interface PartitionLoop {
  readonly name: string;
  /** Works until the signal aborts; a retriable OutsideError begins the partition again. */
  run(partition: number, tenure: Tenure, parts: ControllerParts): Promise<void>;
}
