/** Which resourceVersion the next write of a workload may rest on. */
import type { WorkloadKey } from '@flyball/contracts';
import type { ResourceVersions, SeenReplicas } from './resource-versions.ts';

export interface WriteVersions {
  /** Undefined: it is to be refolded first, or nobody has seen it yet. */
  of(workload: WorkloadKey): string | undefined;
  /** It met another writer: what the watch shows is no longer what was decided on. */
  inConflict(workload: WorkloadKey): void;
  /** The log was folded to its end after this version was taken: the next try rests on it. */
  refolded(workload: WorkloadKey, version: string): void;
  /** A write was done: from here on what is shown counts again. */
  written(workload: WorkloadKey, now: SeenReplicas): void;
}

/** What the watch shows, but after a conflict what was taken before the log was folded. */
export const createWriteVersions = (shown: ResourceVersions): WriteVersions => {
  const conflicts = new Set<WorkloadKey>();
  const taken = new Map<WorkloadKey, string>();
  return {
    of: (workload) => (conflicts.has(workload) ? taken.get(workload) : shown.get(workload)),
    inConflict: (workload) => {
      conflicts.add(workload);
      taken.delete(workload);
    },
    refolded: (workload, version) => void taken.set(workload, version),
    written: (workload, now) => {
      conflicts.delete(workload);
      taken.delete(workload);
      shown.set(workload, now);
    },
  };
};
