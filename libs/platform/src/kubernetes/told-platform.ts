/** What was told of a cluster, so that only what differs is told again, to all who listen. */
import { isDeepStrictEqual } from 'node:util';
import type { WorkloadKey } from '@flyball/contracts';
import { type ChangeQueue, createChangeQueue } from '../change-queue.ts';
import type { PlatformChange, PodSeen, WorkloadSeen } from '../platform.ts';
import type { ConfigData } from './cluster-caches.ts';

export interface ToldPlatform {
  /** How things are now, then every change; undoes itself by `leave`. */
  join(): ChangeQueue;
  leave(queue: ChangeQueue): void;
  has(workload: WorkloadKey): boolean;
  setWorkload(seen: WorkloadSeen): void;
  /** Says of a workload that it asks to be left alone, by that annotation. */
  optOut(workload: WorkloadKey, annotation: string): void;
  removeWorkload(workload: WorkloadKey): void;
  /** `key` is the pod's `namespace/name`. */
  setPod(key: string, seen: PodSeen): void;
  removePod(key: string): void;
  setConfig(config: ConfigData | undefined): void;
  /** Everything is known: from here on changes are told, after a listing. */
  see(): void;
  /** Nothing is told before it is seen again. */
  lose(reason: string): void;
}

type Sight = { readonly kind: 'nothing' | 'whole' } | (PlatformChange & { kind: 'unseen' });

interface Told {
  readonly workloads: Map<WorkloadKey, WorkloadSeen>;
  readonly pods: Map<string, PodSeen>;
  config: ConfigData | undefined;
  sight: Sight;
}

const relist = ({ workloads, pods, config, sight }: Told): PlatformChange[] => {
  if (sight.kind === 'unseen') return [sight];
  if (sight.kind === 'nothing') return [];
  return [
    { kind: 'listing' },
    { kind: 'config', config },
    ...[...workloads.values()].map((workload) => ({ kind: 'workload' as const, workload })),
    ...[...pods.values()].map((pod) => ({ kind: 'pod' as const, pod })),
    { kind: 'listed' },
  ];
};

const queuesOf = (told: Told) => {
  const queues = new Set<ChangeQueue>();
  const push = (changes: readonly PlatformChange[]): void => {
    for (const queue of queues) for (const change of changes) queue.push(change);
  };
  return {
    push,
    tell: (change: PlatformChange): void => {
      if (told.sight.kind === 'whole') push([change]);
    },
    join: (): ChangeQueue => {
      const queue = createChangeQueue({ relist: () => relist(told) });
      for (const change of relist(told)) queue.push(change);
      queues.add(queue);
      return queue;
    },
    leave: (queue: ChangeQueue): void => {
      queues.delete(queue);
      queue.end();
    },
  };
};

/** Nothing has been told, and nothing is seen. */
export const createToldPlatform = (): ToldPlatform => {
  const sight: Sight = { kind: 'nothing' };
  const told: Told = { workloads: new Map(), pods: new Map(), config: undefined, sight };
  const { push, tell, join, leave } = queuesOf(told);
  return {
    join,
    leave,
    has: (workload) => told.workloads.has(workload),
    setWorkload: (workload) => {
      if (isDeepStrictEqual(told.workloads.get(workload.workload), workload)) return;
      told.workloads.set(workload.workload, workload);
      tell({ kind: 'workload', workload });
    },
    optOut: (workload, annotation) => {
      const before = told.workloads.get(workload);
      if (before === undefined) return;
      const annotations = { ...before.annotations, [annotation]: 'false' };
      tell({ kind: 'workload', workload: { ...before, annotations } });
    },
    removeWorkload: (workload) => {
      const before = told.workloads.get(workload);
      if (before === undefined) return;
      told.workloads.delete(workload);
      tell({ kind: 'workload-gone', workload, uid: before.uid });
    },
    setPod: (key, pod) => {
      if (isDeepStrictEqual(told.pods.get(key), pod)) return;
      told.pods.set(key, pod);
      tell({ kind: 'pod', pod });
    },
    removePod: (key) => {
      const before = told.pods.get(key);
      if (before === undefined) return;
      told.pods.delete(key);
      tell({ kind: 'pod-gone', workload: before.workload, pod: before.pod });
    },
    setConfig: (config) => {
      if (isDeepStrictEqual(told.config, config)) return;
      told.config = config;
      tell({ kind: 'config', config });
    },
    see: () => {
      if (told.sight.kind === 'whole') return;
      told.sight = { kind: 'whole' };
      push(relist(told));
    },
    lose: (reason) => {
      if (told.sight.kind === 'unseen') return;
      told.sight = { kind: 'unseen', reason };
      push([told.sight]);
    },
  };
};
