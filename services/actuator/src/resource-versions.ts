/** The newest resourceVersion of each workload, as this process saw it. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Platform, PlatformChange } from '@flyball/platform';

export interface ResourceVersions {
  get(workload: WorkloadKey): string | undefined;
  /** A write of ours was answered with this one. */
  set(workload: WorkloadKey, resourceVersion: string): void;
}

/** Follows the platform until the signal aborts; a listing forgets what it does not name. */
export const followResourceVersions = (platform: Platform) => {
  const seen = new Map<WorkloadKey, string>();
  let listed: Set<WorkloadKey> | undefined;

  const take = (change: PlatformChange): void => {
    if (change.kind === 'workload') {
      seen.set(change.workload.workload, change.workload.resourceVersion);
      listed?.add(change.workload.workload);
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
    get: (workload) => seen.get(workload),
    set: (workload, resourceVersion) => void seen.set(workload, resourceVersion),
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
