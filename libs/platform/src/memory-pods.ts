/** Virtual pods: they start, become ready, crash and drain by steps or when told, never by time. */
import type { WorkloadKey } from '@flyball/contracts';
import { workloadName } from '@flyball/contracts';
import { workloadAnnotation } from './annotations.ts';
import type { PlatformChange, PodSeen } from './platform.ts';

/** Steps until something happens by itself; `when-told`: never. */
export type Steps = number | 'when-told';

export interface MemoryPodOptions {
  readonly nowMs: () => number;
  /** From a pod's start to its readiness; 0 is at once. */
  readonly readyAfterSteps: (pod: string) => Steps;
  /** From the beginning of draining to its end; 0 is at once. */
  readonly goneAfterSteps: (pod: string) => Steps;
  readonly emit: (change: PlatformChange) => void;
}

interface VirtualPod {
  seen: PodSeen;
  readonly number: number;
  /** Since it started, restarted, or began to drain. */
  stepsSince: number;
}

export interface PodOwner {
  readonly workload: WorkloadKey;
  readonly replicas: number;
  readonly queueProxy: boolean;
}

export interface MemoryPods {
  readonly list: (workload?: WorkloadKey) => readonly PodSeen[];
  /** Makes and drains pods until the owner has as many as it asks for. */
  readonly reconcile: (owner: PodOwner) => void;
  readonly advance: () => void;
  readonly makeReady: (pod: string) => void;
  readonly makeUnready: (
    pod: string,
    reason: 'crashed' | 'probe-failed' | 'unknown',
    message: string,
  ) => void;
  /** The pod is gone at once; its workload is returned. */
  readonly end: (pod: string) => WorkloadKey;
}

const isDraining = ({ seen }: VirtualPod): boolean => seen.unreadyReason === 'draining';

/** Not ready before ready, then the newest first: the least is lost. */
const drainOrder = (one: VirtualPod, other: VirtualPod): number =>
  Number(one.seen.ready) - Number(other.seen.ready) || other.number - one.number;

const has = (steps: Steps, passed: number): boolean => steps !== 'when-told' && passed >= steps;

interface Table {
  readonly options: MemoryPodOptions;
  readonly pods: Map<string, VirtualPod>;
  readonly byWorkload: Map<WorkloadKey, Set<VirtualPod>>;
  made: number;
}

const find = ({ pods }: Table, pod: string): VirtualPod => {
  const found = pods.get(pod);
  if (found !== undefined) return found;
  throw new Error(`There is no pod ${pod}; there are: ${[...pods.keys()].join(', ') || 'none'}.`);
};

const show = ({ options }: Table, pod: VirtualPod, change: Partial<PodSeen>): void => {
  pod.seen = { ...pod.seen, ...change };
  options.emit({ kind: 'pod', pod: pod.seen });
};

const makeReady = (table: Table, name: string): void => {
  const pod = find(table, name);
  if (pod.seen.ready || isDraining(pod)) return;
  show(table, pod, { ready: true, unreadyReason: null, message: '' });
};

const end = (table: Table, name: string): WorkloadKey => {
  const pod = find(table, name);
  const { workload } = pod.seen;
  table.pods.delete(name);
  table.byWorkload.get(workload)?.delete(pod);
  table.options.emit({ kind: 'pod-gone', workload, pod: name });
  return workload;
};

/** Lets happen what is due by the steps that have passed. */
const settle = (table: Table, pod: VirtualPod): void => {
  const { readyAfterSteps, goneAfterSteps } = table.options;
  const name = pod.seen.pod;
  if (isDraining(pod)) {
    if (has(goneAfterSteps(name), pod.stepsSince)) end(table, name);
  } else if (!pod.seen.ready && has(readyAfterSteps(name), pod.stepsSince)) makeReady(table, name);
};

const start = (table: Table, { workload, queueProxy }: PodOwner): void => {
  table.made += 1;
  const { made, options, pods, byWorkload } = table;
  const host = `10.${(made >> 16) & 255}.${(made >> 8) & 255}.${made & 255}`;
  const seen: PodSeen = {
    workload,
    pod: `${workloadName(workload).name}-${made}`,
    address: `${host}:8080`,
    metricsAddress: queueProxy ? `${host}:9090` : null,
    ready: false,
    unreadyReason: null,
    message: '',
    createdAtMs: options.nowMs(),
  };
  const pod = { seen, number: made, stepsSince: 0 };
  pods.set(seen.pod, pod);
  byWorkload.set(workload, (byWorkload.get(workload) ?? new Set()).add(pod));
  options.emit({ kind: 'pod', pod: seen });
  settle(table, pod);
};

const drain = (table: Table, pod: VirtualPod): void => {
  pod.stepsSince = 0;
  show(table, pod, { ready: false, unreadyReason: 'draining', message: 'scaled down' });
  settle(table, pod);
};

const reconcile = (table: Table, owner: PodOwner): void => {
  const all = [...(table.byWorkload.get(owner.workload) ?? [])];
  const wanted = all.filter((pod) => !isDraining(pod));
  for (let missing = owner.replicas - wanted.length; missing > 0; missing -= 1) start(table, owner);
  const surplus = Math.max(0, wanted.length - owner.replicas);
  for (const pod of wanted.sort(drainOrder).slice(0, surplus)) drain(table, pod);
};

export const createMemoryPods = (options: MemoryPodOptions): MemoryPods => {
  const table: Table = { options, pods: new Map(), byWorkload: new Map(), made: 0 };
  const { pods, byWorkload } = table;
  return {
    list: (workload) => {
      const listed = workload === undefined ? pods.values() : (byWorkload.get(workload) ?? []);
      return [...listed].map((pod) => pod.seen);
    },
    reconcile: (owner) => reconcile(table, owner),
    advance: () => {
      for (const pod of pods.values()) {
        pod.stepsSince += 1;
        settle(table, pod);
      }
    },
    makeReady: (name) => makeReady(table, name),
    makeUnready: (name, reason, message) => {
      const pod = find(table, name);
      if (isDraining(pod)) return;
      pod.stepsSince = 0;
      show(table, pod, { ready: false, unreadyReason: reason, message });
    },
    end: (name) => end(table, name),
  };
};

/** What a workload's pods follow from. */
export const podOwner = (
  workload: WorkloadKey,
  replicas: number,
  annotations: Readonly<Record<string, string>>,
): PodOwner => ({
  workload,
  replicas,
  queueProxy: annotations[workloadAnnotation.queueProxy] === 'true',
});
