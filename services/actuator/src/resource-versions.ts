/** The newest resourceVersion of each workload and its replicas, as this process saw them. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Platform, PlatformChange } from '@flyball/platform';

export interface SeenReplicas {
  readonly replicas: number;
  readonly resourceVersion: string;
}

export interface ResourceVersions {
  get(workload: WorkloadKey): string | undefined;
  /** What the platform shows now; undefined until it was listed once. */
  all(): ReadonlyMap<WorkloadKey, SeenReplicas> | undefined;
  /** A write of ours was answered with this one. */
  set(workload: WorkloadKey, seen: SeenReplicas): void;
}

/** Follows the platform until the signal aborts; a listing forgets what it does not name. */
export const followResourceVersions = (platform: Platform) => {
  const seen = new Map<WorkloadKey, SeenReplicas>();
  let whole = false;
  let listed: Set<WorkloadKey> | undefined;

  const take = (change: PlatformChange): void => {
    if (change.kind === 'workload') {
      const { workload, replicas, resourceVersion } = change.workload;
      seen.set(workload, { replicas, resourceVersion });
      listed?.add(workload);
    } else if (change.kind === 'workload-gone') {
      seen.delete(change.workload);
    } else if (change.kind === 'listing') {
      listed = new Set();
    } else if (change.kind === 'listed') {
      for (const key of seen.keys()) if (listed?.has(key) === false) seen.delete(key);
      listed = undefined;
      whole = true;
    }
  };
  const versions: ResourceVersions = {
    get: (workload) => seen.get(workload)?.resourceVersion,
    all: () => (whole ? seen : undefined),
    set: (workload, written) => void seen.set(workload, written),
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
