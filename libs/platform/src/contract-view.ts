/** A watcher for tests: folds a watch into what is, and waits for conditions with a limit. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Platform, PlatformChange, PodSeen, WorkloadSeen } from './platform.ts';

/** A condition that does not hold after this is a failure. */
const conditionMaxMs = 15_000;

export interface PlatformView {
  /** Complete listings so far. */
  readonly listings: number;
  readonly config: Readonly<Record<string, string>> | undefined;
  /** Why nothing is seen; undefined while something is. */
  readonly unseen: string | undefined;
  readonly gone: readonly WorkloadKey[];
  readonly podsGone: readonly string[];
  /** Every state in which a pod was seen, in order. */
  readonly history: readonly PodSeen[];
  readonly kinds: readonly PlatformChange['kind'][];
  workload(workload: WorkloadKey): WorkloadSeen | undefined;
  pods(workload: WorkloadKey): readonly PodSeen[];
  /** Resolves when it holds, rejects with what was waited for when it does not in time. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** Stops watching; rejects when the watch failed. */
  end(): Promise<void>;
}

interface Seen {
  listings: number;
  config: Readonly<Record<string, string>> | undefined;
  unseen: string | undefined;
  readonly gone: WorkloadKey[];
  readonly podsGone: string[];
  readonly history: PodSeen[];
  readonly kinds: PlatformChange['kind'][];
  readonly workloads: Map<WorkloadKey, WorkloadSeen>;
  readonly pods: Map<string, PodSeen>;
}

const fold = (seen: Seen, change: PlatformChange): void => {
  seen.kinds.push(change.kind);
  switch (change.kind) {
    case 'listing':
      seen.workloads.clear();
      seen.pods.clear();
      break;
    case 'listed':
      seen.listings += 1;
      seen.unseen = undefined;
      break;
    case 'workload':
      seen.workloads.set(change.workload.workload, change.workload);
      break;
    case 'workload-gone':
      seen.workloads.delete(change.workload);
      seen.gone.push(change.workload);
      break;
    case 'pod':
      seen.pods.set(change.pod.pod, change.pod);
      seen.history.push(change.pod);
      break;
    case 'pod-gone':
      seen.pods.delete(change.pod);
      seen.podsGone.push(change.pod);
      break;
    case 'config':
      seen.config = change.config;
      break;
    case 'unseen':
      seen.unseen = change.reason;
  }
};

/** Begins to watch at once. */
export const createView = (platform: Platform): PlatformView => {
  const stop = new AbortController();
  const seen: Seen = {
    listings: 0,
    config: undefined,
    unseen: undefined,
    gone: [],
    podsGone: [],
    history: [],
    kinds: [],
    workloads: new Map(),
    pods: new Map(),
  };
  const checks = new Set<() => void>();
  const follow = async (): Promise<void> => {
    for await (const change of platform.watch(stop.signal)) {
      fold(seen, change);
      for (const check of checks) check();
    }
  };
  const following = follow();
  const until = (what: string, holds: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        checks.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        checks.delete(check);
        const last = JSON.stringify([...seen.workloads.values(), ...seen.pods.values()]);
        reject(new Error(`waited ${conditionMaxMs} ms in vain for ${what}; seen: ${last}`));
      }, conditionMaxMs);
      checks.add(check);
      check();
    });
  return {
    get listings() {
      return seen.listings;
    },
    get config() {
      return seen.config;
    },
    get unseen() {
      return seen.unseen;
    },
    gone: seen.gone,
    podsGone: seen.podsGone,
    history: seen.history,
    kinds: seen.kinds,
    workload: (workload) => seen.workloads.get(workload),
    pods: (workload) => [...seen.pods.values()].filter((pod) => pod.workload === workload),
    until,
    end: async () => {
      stop.abort();
      await following;
    },
  };
};
