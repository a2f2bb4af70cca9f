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

export const createMemoryPods = (options: MemoryPodOptions): MemoryPods => {
  const { nowMs, readyAfterSteps, goneAfterSteps, emit } = options;
  const pods = new Map<string, VirtualPod>();
  let made = 0;

  const find = (pod: string): VirtualPod => {
    const found = pods.get(pod);
    if (found !== undefined) return found;
    throw new Error(`There is no pod ${pod}; there are: ${[...pods.keys()].join(', ') || 'none'}.`);
  };
  const show = (pod: VirtualPod, change: Partial<PodSeen>): void => {
    pod.seen = { ...pod.seen, ...change };
    emit({ kind: 'pod', pod: pod.seen });
  };
  const makeReady = (name: string): void => {
    const pod = find(name);
    if (pod.seen.ready || isDraining(pod)) return;
    show(pod, { ready: true, unreadyReason: null, message: '' });
  };
  const end = (name: string): WorkloadKey => {
    const { workload } = find(name).seen;
    pods.delete(name);
    emit({ kind: 'pod-gone', workload, pod: name });
    return workload;
  };
  const settle = (pod: VirtualPod): void => {
    const name = pod.seen.pod;
    if (isDraining(pod)) {
      if (has(goneAfterSteps(name), pod.stepsSince)) end(name);
    } else if (!pod.seen.ready && has(readyAfterSteps(name), pod.stepsSince)) makeReady(name);
  };
  const start = ({ workload, queueProxy }: PodOwner): void => {
    made += 1;
    const host = `10.${(made >> 16) & 255}.${(made >> 8) & 255}.${made & 255}`;
    const seen: PodSeen = {
      workload,
      pod: `${workloadName(workload).name}-${made}`,
      address: `${host}:8080`,
      metricsAddress: queueProxy ? `${host}:9090` : null,
      ready: false,
      unreadyReason: null,
      message: '',
      createdAtMs: nowMs(),
    };
    const pod = { seen, number: made, stepsSince: 0 };
    pods.set(seen.pod, pod);
    emit({ kind: 'pod', pod: seen });
    settle(pod);
  };
  const drain = (pod: VirtualPod): void => {
    pod.stepsSince = 0;
    show(pod, { ready: false, unreadyReason: 'draining', message: 'scaled down' });
    settle(pod);
  };
  const ofWorkload = (workload?: WorkloadKey): VirtualPod[] =>
    [...pods.values()].filter((pod) => workload === undefined || pod.seen.workload === workload);

  return {
    list: (workload) => ofWorkload(workload).map((pod) => pod.seen),
    reconcile: (owner) => {
      const wanted = ofWorkload(owner.workload).filter((pod) => !isDraining(pod));
      for (let missing = owner.replicas - wanted.length; missing > 0; missing -= 1) start(owner);
      const surplus = Math.max(0, wanted.length - owner.replicas);
      for (const pod of wanted.sort(drainOrder).slice(0, surplus)) drain(pod);
    },
    advance: () => {
      for (const pod of pods.values()) {
        pod.stepsSince += 1;
        settle(pod);
      }
    },
    makeReady,
    makeUnready: (name, reason, message) => {
      const pod = find(name);
      if (isDraining(pod)) return;
      pod.stepsSince = 0;
      show(pod, { ready: false, unreadyReason: reason, message });
    },
    end,
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
