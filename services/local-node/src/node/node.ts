/** The node: objects, their pods, and everyone who watches them. */
import { randomUUID } from 'node:crypto';
import type { PlatformChange } from '@flyball/platform';
import { seenOf } from '@flyball/platform';
import { claimAddresses } from './addresses.ts';
import { createConnections } from './connections.ts';
import type { NodeSettings } from './node-settings.ts';
import { type Objects, openObjects } from './objects.ts';
import { createPods, type Pods } from './pods.ts';
import { openProcessRecords } from './process-records.ts';

export interface Node {
  readonly objects: Objects;
  readonly pods: Pods;
  /** How all things are now, from `listing` to `listed`. */
  readonly listing: () => readonly PlatformChange[];
  /** Told each change at once; the returned function ends it. */
  readonly follow: (listener: (change: PlatformChange) => void) => () => void;
  /** Crashes of pods since the start. */
  readonly crashes: () => number;
  /** Ends all pods; the objects stay on disk with their replicas. */
  readonly close: () => Promise<void>;
}

/** Logs of pods are measured this often. */
const logCheckMs = 5_000;

/** What is told to whom. */
const createFollowers = () => {
  const listeners = new Set<(change: PlatformChange) => void>();
  return {
    tell: (change: PlatformChange): void => {
      for (const listener of listeners) listener(change);
    },
    follow: (listener: (change: PlatformChange) => void) => {
      listeners.add(listener);
      return (): void => void listeners.delete(listener);
    },
  };
};

const rotateAgainAndAgain = ({ clock, logger }: NodeSettings, pods: Pods): (() => void) => {
  let cancel = (): void => undefined;
  let ended = false;
  const rotate = async (): Promise<void> => {
    await pods
      .rotateLogs()
      .catch((error: unknown) => logger.warn({ err: error }, 'logs cannot be rotated'));
    if (!ended) cancel = clock.after(logCheckMs, () => void rotate());
  };
  cancel = clock.after(logCheckMs, () => void rotate());
  return () => {
    ended = true;
    cancel();
  };
};

const listingOf = (objects: Objects, pods: Pods): readonly PlatformChange[] => [
  { kind: 'listing' },
  { kind: 'config', config: objects.config() },
  ...objects.list().map((object) => ({ kind: 'workload' as const, workload: seenOf(object) })),
  ...pods.list().map((pod) => ({ kind: 'pod' as const, pod })),
  { kind: 'listed' },
];

/**
 * Ends what an earlier life left running, brings back its objects, and starts their pods. Throws
 * OutsideError: DISK_FULL, PORT_IN_USE, or PLATFORM_REFUSED when a kept file cannot be read.
 */
export const startNode = async (settings: NodeSettings): Promise<Node> => {
  const { clock, logger, dataDir } = settings;
  const records = openProcessRecords(dataDir);
  const left = await records.endLeftovers(clock);
  if (left.length > 0) logger.warn({ left }, 'ended what an earlier local-node left running');
  const addresses = await claimAddresses(process.pid);
  const { tell, follow } = createFollowers();
  let crashes = 0;
  const objects = openObjects({
    dataDir,
    nowMs: clock.nowMs,
    newUid: randomUUID,
    onWorkload: (object) => {
      tell({ kind: 'workload', workload: seenOf(object) });
      pods.look(object.spec.workload);
    },
    onGone: ({ spec, uid }) => {
      tell({ kind: 'workload-gone', workload: spec.workload, uid });
      pods.look(spec.workload);
    },
    onConfig: (config) => tell({ kind: 'config', config }),
  });
  const connections = createConnections(clock);
  const ground = { settings, addresses, records, connections, starting: { value: 0 } };
  const pods = createPods({
    ground,
    objectOf: objects.get,
    onPod: (pod) => tell({ kind: 'pod', pod }),
    onPodGone: (workload, pod) => tell({ kind: 'pod-gone', workload, pod }),
    onCrash: () => {
      crashes += 1;
    },
  });
  for (const { spec } of objects.list()) pods.look(spec.workload);
  const endRotation = rotateAgainAndAgain(settings, pods);
  return {
    objects,
    pods,
    listing: () => listingOf(objects, pods),
    follow,
    crashes: () => crashes,
    close: async () => {
      endRotation();
      await pods.close();
      objects.close();
      records.close();
      await addresses.close();
    },
  };
};
