/** Public Services by the workload that they name. */
import type { WorkloadKey } from '@flyball/contracts';
import type { V1Service } from '@kubernetes/client-node';
import type { CacheChange } from './object-cache.ts';
import { workloadOfService } from './routing/index.ts';

export interface ServiceIndex {
  of(workload: WorkloadKey): readonly V1Service[];
  /** Takes a change in; answers the workloads that are led to otherwise now. */
  take(told: CacheChange<V1Service>): readonly WorkloadKey[];
}

/** Empty until it takes something in. */
export const createServiceIndex = (): ServiceIndex => {
  const byWorkload = new Map<WorkloadKey, Map<string, V1Service>>();
  const put = (key: string, service: V1Service, isThere: boolean): WorkloadKey | undefined => {
    const workload = workloadOfService(service);
    if (workload === undefined) return undefined;
    const named = byWorkload.get(workload) ?? new Map<string, V1Service>();
    if (isThere) named.set(key, service);
    else named.delete(key);
    if (named.size > 0) byWorkload.set(workload, named);
    else byWorkload.delete(workload);
    return workload;
  };
  return {
    of: (workload) => [...(byWorkload.get(workload)?.values() ?? [])],
    take: (told) => {
      if (told.kind !== 'kept' && told.kind !== 'gone') return [];
      const { key, before } = told;
      const left = before === undefined ? undefined : put(key, before, false);
      const joined = told.kind === 'kept' ? put(key, told.object, true) : undefined;
      return [...new Set([left, joined])].filter((one) => one !== undefined);
    },
  };
};
