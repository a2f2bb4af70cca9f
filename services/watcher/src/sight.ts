/** What this process sees of the platform, kept whole so that a new partition can be told it. */
import { partitionOf, type WorkloadKey } from '@flyball/contracts';
import type { Observation, ObservedPod, ObservedWorkload } from '@flyball/domain';
import type { Platform } from '@flyball/platform';

type Listener = (observation: Observation) => void;

export interface PlatformSight {
  /** Tells what is seen now, then every change, until the signal aborts. */
  subscribe(partition: number, listener: Listener, signal: AbortSignal): void;
  /** Follows the platform until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
}

interface Seen {
  phase: 'nothing' | 'listing' | 'whole' | 'unseen';
  reason: string;
  config: Readonly<Record<string, string>> | undefined;
  readonly workloads: Map<WorkloadKey, ObservedWorkload>;
  readonly pods: Map<string, ObservedPod>;
}

const podKey = (workload: WorkloadKey, pod: string): string => `${workload}/${pod}`;

const takeIn = (seen: Seen, observation: Observation): void => {
  if (observation.kind === 'workload') {
    seen.workloads.set(observation.workload.workload, observation.workload);
  } else if (observation.kind === 'workload-gone') seen.workloads.delete(observation.workload);
  else if (observation.kind === 'pod') {
    const { pod } = observation;
    seen.pods.set(podKey(pod.workload, pod.pod), pod);
  } else if (observation.kind === 'pod-gone') {
    seen.pods.delete(podKey(observation.workload, observation.pod));
  } else if (observation.kind === 'config') seen.config = observation.config;
  else if (observation.kind === 'listing') {
    seen.phase = 'listing';
    seen.workloads.clear();
    seen.pods.clear();
  } else if (observation.kind === 'listed') seen.phase = 'whole';
  else {
    seen.phase = 'unseen';
    seen.reason = observation.reason;
  }
};

const workloadOf = (observation: Observation): WorkloadKey | undefined => {
  if (observation.kind === 'workload') return observation.workload.workload;
  if (observation.kind === 'pod') return observation.pod.workload;
  return 'workload' in observation ? observation.workload : undefined;
};

/** What is seen of one partition now, as the observations that lead there. */
const retell = (seen: Seen, isOurs: (workload: WorkloadKey) => boolean): Observation[] => {
  if (seen.phase === 'nothing') return [];
  if (seen.phase === 'unseen') return [{ kind: 'unseen', reason: seen.reason }];
  const workloads = [...seen.workloads.values()].filter(({ workload }) => isOurs(workload));
  const pods = [...seen.pods.values()].filter(({ workload }) => isOurs(workload));
  return [
    { kind: 'listing' },
    { kind: 'config', config: seen.config },
    ...workloads.map((workload) => ({ kind: 'workload' as const, workload })),
    ...pods.map((pod) => ({ kind: 'pod' as const, pod })),
    ...(seen.phase === 'whole' ? [{ kind: 'listed' as const }] : []),
  ];
};

/** One watch for all partitions of the process. `onSeen` tells readiness. */
export const createSight = (
  platform: Platform,
  partitionCount: number,
  onSeen: (ok: boolean, reason: string) => void,
): PlatformSight => {
  const seen: Seen = {
    phase: 'nothing',
    reason: '',
    config: undefined,
    workloads: new Map(),
    pods: new Map(),
  };
  const listeners = new Map<Listener, number>();
  const tell = (observation: Observation): void => {
    const workload = workloadOf(observation);
    const about = workload === undefined ? undefined : partitionOf(workload, partitionCount);
    for (const [listener, partition] of listeners) {
      if (about === undefined || about === partition) listener(observation);
    }
  };
  return {
    subscribe: (partition, listener, signal) => {
      const isOurs = (workload: WorkloadKey) => partitionOf(workload, partitionCount) === partition;
      for (const observation of retell(seen, isOurs)) listener(observation);
      listeners.set(listener, partition);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
      if (signal.aborted) listeners.delete(listener);
    },
    follow: async (signal) => {
      for await (const change of platform.watch(signal)) {
        takeIn(seen, change);
        if (change.kind === 'unseen') onSeen(false, change.reason);
        if (change.kind === 'listed') onSeen(true, `${seen.workloads.size} workloads`);
        tell(change);
      }
    },
  };
};
