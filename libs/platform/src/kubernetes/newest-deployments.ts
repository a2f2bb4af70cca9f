/** Deployments as they were written, read or shown last: a watch is a moment behind. */
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import type { V1Deployment } from '@kubernetes/client-node';
import { orNothing } from '../gone.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { isAsNew, type KeptDeployment, keptDeployment } from './deployment-object.ts';
import type { ObjectCache } from './object-cache.ts';
import { whenShown } from './when-shown.ts';

/** How long the watch may take to show what was read already. */
const shownMaxMs = 100;

export interface NewestDeployments {
  /** The newest that is known without asking. */
  newest(workload: WorkloadKey): KeptDeployment | undefined;
  /** As it is now; undefined for one that is not there. Rejects with OutsideError. */
  read(workload: WorkloadKey): Promise<KeptDeployment | undefined>;
  /** Takes in a write of ours to one that is shown, before the watch shows the write. */
  note(deployment: KeptDeployment): void;
  /** Resolves when another version than this is known, or after `maxMs`. */
  whenNewer(workload: WorkloadKey, version: string, maxMs: number): Promise<void>;
}

export interface NewestDeploymentsOptions {
  readonly access: ClusterAccess;
  /** What the watch shows. */
  readonly shown: Pick<ObjectCache<KeptDeployment>, 'at' | 'onChange'>;
  /** Resolves when everything was seen once: a read waits for it. Rejects with OutsideError. */
  readonly whenSeenOnce: () => Promise<void>;
}

const pathOf = (workload: WorkloadKey): string => {
  const { namespace, name } = workloadName(workload);
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
};

/** Knows at first what the watch shows. */
export const createNewestDeployments = (options: NewestDeploymentsOptions): NewestDeployments => {
  const { access, shown, whenSeenOnce } = options;
  /** What was written or read, and the watch has not shown yet. */
  const ahead = new Map<WorkloadKey, KeptDeployment>();
  shown.onChange((change) => {
    if (change.kind === 'gone') ahead.delete(change.before.workload);
    if (change.kind !== 'kept') return;
    const { workload, resourceVersion } = change.object;
    const mine = ahead.get(workload);
    if (mine !== undefined && isAsNew(resourceVersion, mine.resourceVersion)) {
      ahead.delete(workload);
    }
  });
  const newest = (workload: WorkloadKey): KeptDeployment | undefined =>
    ahead.get(workload) ?? shown.at(workload);
  const put = (deployment: KeptDeployment): void => {
    const { workload, resourceVersion } = deployment;
    const before = newest(workload);
    if (before !== undefined && isAsNew(before.resourceVersion, resourceVersion)) return;
    ahead.set(workload, deployment);
  };
  const isAt = ({ workload, uid }: KeptDeployment): boolean => shown.at(workload)?.uid === uid;
  // What has gone from the watch is not told to be gone once more: it would stay for good.
  const note = (deployment: KeptDeployment): void => {
    if (isAt(deployment)) put(deployment);
  };
  const read = async (workload: WorkloadKey): Promise<KeptDeployment | undefined> => {
    const shownBefore = shown.at(workload)?.uid;
    const deployment = await orNothing(access.request<V1Deployment>({ path: pathOf(workload) }));
    await whenSeenOnce();
    const version = deployment?.metadata?.resourceVersion ?? '';
    const isShown = (): boolean => isAsNew(newest(workload)?.resourceVersion ?? '', version);
    // The watch saw every write in between: who reads knows only that there may have been some.
    if (deployment !== undefined) await whenShown([shown], isShown, shownMaxMs);
    const kept = deployment && keptDeployment(deployment, newest(workload));
    if (kept === undefined) ahead.delete(workload);
    else if (kept.uid === shownBefore) note(kept);
    else put(kept);
    return kept;
  };
  const whenNewer = (workload: WorkloadKey, version: string, maxMs: number): Promise<void> =>
    whenShown([shown], () => newest(workload)?.resourceVersion !== version, maxMs);
  return { newest, read, note, whenNewer };
};
