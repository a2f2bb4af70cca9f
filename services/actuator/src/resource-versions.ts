/** The newest resourceVersion of each workload and its replicas, as this process saw them. */
import type { WorkloadKey } from '@flyball/contracts';
import { isOlderVersion } from '@flyball/domain';
import type { Platform, PlatformChange } from '@flyball/platform';

export interface SeenReplicas {
  readonly replicas: number;
  readonly resourceVersion: string;
}

export type SeenListener = (workload: WorkloadKey, seen: SeenReplicas) => void;

export interface ResourceVersions {
  get(workload: WorkloadKey): string | undefined;
  /** What the platform asks for, as far as it was seen. */
  seen(workload: WorkloadKey): SeenReplicas | undefined;
  /** Tells what the platform shows now, then every change of it, until the signal aborts. */
  subscribe(listener: SeenListener, signal: AbortSignal): void;
  /** A write of ours was answered with this one; the watch may have shown a newer one already. */
  set(workload: WorkloadKey, seen: SeenReplicas): void;
}

/** Follows the platform until the signal aborts; a listing forgets what it does not name. */
export const followResourceVersions = (platform: Platform) => {
  const seen = new Map<WorkloadKey, SeenReplicas>();
  const listeners = new Set<SeenListener>();
  let listed: Set<WorkloadKey> | undefined;

  const take = (change: PlatformChange): void => {
    if (change.kind === 'workload') {
      const { workload, replicas, resourceVersion } = change.workload;
      seen.set(workload, { replicas, resourceVersion });
      listed?.add(workload);
      for (const listener of listeners) listener(workload, { replicas, resourceVersion });
    } else if (change.kind === 'workload-gone') {
      seen.delete(change.workload);
    } else if (change.kind === 'listing') {
      listed = new Set();
    } else if (change.kind === 'listed') {
      for (const key of seen.keys()) if (listed?.has(key) === false) seen.delete(key);
      listed = undefined;
    }
  };
  const versions: ResourceVersions = {
    get: (workload) => seen.get(workload)?.resourceVersion,
    seen: (workload) => seen.get(workload),
    subscribe: (listener, signal) => {
      if (signal.aborted) return;
      for (const [workload, now] of seen) listener(workload, now);
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
    set: (workload, written) => {
      const shown = seen.get(workload)?.resourceVersion ?? '';
      if (!isOlderVersion(written.resourceVersion, shown)) seen.set(workload, written);
    },
  };
  const follow = async (
    signal: AbortSignal,
    onSeen: (ok: boolean, reason: string) => void,
  ): Promise<void> => {
    for await (const change of platform.watch(signal)) {
      take(change);
      if (change.kind === 'unseen') onSeen(false, change.reason);
      if (change.kind === 'listed') onSeen(true, `${seen.size} workloads`);
    }
  };
  return { versions, follow };
};
