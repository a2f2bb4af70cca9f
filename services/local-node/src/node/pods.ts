/** The pods of this node: made and drained until each workload has what it asks for. */
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import type { PodSeen } from '@flyball/platform';
import type { LocalWorkload } from './objects.ts';
import { type Pod, startPod } from './pod.ts';
import { pruneLogs, rotateLog } from './pod-log.ts';
import { templateKey, templateOf } from './pod-template.ts';
import type { PodGround } from './pod-work.ts';

export interface PodsOptions {
  readonly ground: PodGround;
  /** The object as it is now; undefined when it is gone. */
  readonly objectOf: (workload: WorkloadKey) => LocalWorkload | undefined;
  readonly onPod: (seen: PodSeen) => void;
  readonly onPodGone: (workload: WorkloadKey, pod: string) => void;
  readonly onCrash: (workload: WorkloadKey) => void;
}

export interface Pods {
  readonly list: () => readonly PodSeen[];
  /** The workload's pods are not as it asks, or may not be: looked at right after this turn. */
  readonly look: (workload: WorkloadKey) => void;
  /** Rotates logs that grew too large. */
  readonly rotateLogs: () => Promise<void>;
  /** Ends all pods and makes no more. */
  readonly close: () => Promise<void>;
}

/** For a workload that is gone: nobody says how long its requests may take. */
const requestMaxMsWithoutObject = 10_000;
const podNameBytes = 3;

interface Table {
  readonly options: PodsOptions;
  /** In the order in which they were made. */
  readonly pods: Map<string, Pod>;
  readonly byWorkload: Map<WorkloadKey, Set<Pod>>;
  readonly dirty: Set<WorkloadKey>;
  /** Workloads that miss pods because the node is full. */
  readonly waiting: Set<WorkloadKey>;
  scheduled: boolean;
  closed: boolean;
  fullTold: boolean;
}

const podsOf = (table: Table, workload: WorkloadKey): readonly Pod[] =>
  [...(table.byWorkload.get(workload) ?? [])].filter((pod) => !pod.draining());

/** Not ready before ready, then the newest first (pods are held in the order they were made). */
const drainOrder = (pods: readonly Pod[]): readonly Pod[] =>
  pods.toReversed().sort((one, other) => Number(one.seen().ready) - Number(other.seen().ready));

const forget = (table: Table, workload: WorkloadKey, name: string, pod: Pod): void => {
  const { options, pods, byWorkload } = table;
  pods.delete(name);
  const siblings = byWorkload.get(workload);
  siblings?.delete(pod);
  if (siblings?.size === 0) byWorkload.delete(workload);
  options.onPodGone(workload, name);
  look(table, workload);
  for (const other of table.waiting) look(table, other);
  table.waiting.clear();
};

const drainPod = async (table: Table, pod: Pod, message: string): Promise<void> => {
  const { workload, pod: name } = pod.seen();
  const { ground, objectOf } = table.options;
  const timeoutSeconds = objectOf(workload)?.spec.timeoutSeconds;
  const requestMaxMs =
    timeoutSeconds === undefined ? requestMaxMsWithoutObject : timeoutSeconds * 1_000;
  await pod.drain({ message, requestMaxMs });
  if (table.closed) return;
  forget(table, workload, name, pod);
  const inUse = new Set([...table.pods.values()].flatMap((other) => other.logs));
  await pruneLogs(dirname(pod.logs[0] ?? ''), (path) => inUse.has(path)).catch((error: unknown) =>
    ground.settings.logger.warn({ err: error, pod: name }, 'old logs cannot be removed'),
  );
};

const newName = (table: Table, workload: WorkloadKey): string => {
  for (;;) {
    const name = `${workloadName(workload).name}-${randomBytes(podNameBytes).toString('hex')}`;
    if (!table.pods.has(name)) return name;
  }
};

const make = (table: Table, object: LocalWorkload): void => {
  const { options, pods, byWorkload } = table;
  const { workload } = object.spec;
  const name = newName(table, workload);
  const pod = startPod(options.ground, {
    workload,
    pod: name,
    template: templateOf(object),
    onChange: (seen) => {
      options.onPod(seen);
      // A pod that became ready may take the place of one made from an older template.
      if (seen.ready) look(table, workload);
    },
    onCrash: () => options.onCrash(workload),
  });
  pods.set(name, pod);
  byWorkload.set(workload, (byWorkload.get(workload) ?? new Set()).add(pod));
};

const isFull = (table: Table): boolean => {
  const { settings } = table.options.ground;
  const full = table.pods.size >= settings.limits.podsMax;
  if (full && !table.fullTold) {
    const { podsMax } = settings.limits;
    settings.logger.error({ podsMax }, 'no more pods: FLYBALL_PODS_MAX are running');
  }
  table.fullTold = full;
  return full;
};

/**
 * Brings one workload a step nearer to what it asks for: all surplus pods begin to drain, one that
 * is missing is made. True when more are missing.
 */
const reconcile = (table: Table, workload: WorkloadKey): boolean => {
  const object = table.options.objectOf(workload);
  const all = podsOf(table, workload);
  if (object === undefined) {
    for (const pod of all) void drainPod(table, pod, 'the workload was deleted');
    return false;
  }
  const { replicas } = object;
  const key = templateKey(templateOf(object));
  const current = all.filter((pod) => pod.templateKey === key);
  const outdated = all.filter((pod) => pod.templateKey !== key);
  const surplus = drainOrder(current).slice(0, Math.max(0, current.length - replicas));
  for (const pod of surplus) void drainPod(table, pod, `scaled down to ${replicas}`);
  // Pods of the older template serve until those that replace them are ready.
  const ready = current.filter((pod) => pod.seen().ready).length;
  const spare = outdated.length - Math.max(0, replicas - ready);
  for (const pod of drainOrder(outdated).slice(0, Math.max(0, spare))) {
    void drainPod(table, pod, 'replaced by a pod of the newer template');
  }
  if (current.length >= replicas) return false;
  if (isFull(table)) {
    table.waiting.add(workload);
    return false;
  }
  make(table, object);
  return current.length + 1 < replicas;
};

/** One workload a turn, so that calls are answered while many pods start. */
const turn = (table: Table): void => {
  table.scheduled = false;
  const [workload] = table.dirty;
  if (workload === undefined || table.closed) return;
  table.dirty.delete(workload);
  if (reconcile(table, workload)) table.dirty.add(workload);
  schedule(table);
};

const schedule = (table: Table): void => {
  if (table.scheduled || table.dirty.size === 0) return;
  table.scheduled = true;
  setImmediate(turn, table);
};

const look = (table: Table, workload: WorkloadKey): void => {
  table.dirty.add(workload);
  schedule(table);
};

export const createPods = (options: PodsOptions): Pods => {
  const table: Table = {
    options,
    pods: new Map(),
    byWorkload: new Map(),
    dirty: new Set(),
    waiting: new Set(),
    scheduled: false,
    closed: false,
    fullTold: false,
  };
  return {
    list: () => [...table.pods.values()].map((pod) => pod.seen()),
    look: (workload) => look(table, workload),
    rotateLogs: async () => {
      for (const pod of [...table.pods.values()]) {
        for (const path of pod.logs) await rotateLog(path);
      }
    },
    close: async () => {
      table.closed = true;
      const { shutdownGraceMs } = options.ground.settings.limits;
      await Promise.all([...table.pods.values()].map((pod) => pod.end(shutdownGraceMs)));
    },
  };
};
