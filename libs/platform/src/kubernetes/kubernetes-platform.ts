/** Deployments of a Kubernetes cluster as a platform: watched, scaled, routed. */
import { OutsideError, type WorkloadKey, workloadName } from '@flyball/contracts';
import type { V1Deployment } from '@kubernetes/client-node';
import { orNothing } from '../gone.ts';
import { actuatorFieldManager, type Platform, type PlatformChange } from '../platform.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { type ClusterCaches, createClusterCaches } from './cluster-caches.ts';
import { createDeletionCosts } from './deletion-costs.ts';
import { isAsNew, type KeptDeployment, keptDeployment } from './deployment-object.ts';
import type { FollowLimits } from './follow-objects.ts';
import { createRouter, type RoutingSources } from './routing/index.ts';
import { type ScaleParts, scaleDeployment } from './scale-deployment.ts';
import { createWorkloadIndex, type WorkloadIndex } from './workload-index.ts';
import { createWorkloadSight, type WorkloadSight } from './workload-sight.ts';

/** Before the first listing nobody knows what is ours; a call waits no longer for it. */
const firstSightMaxMs = 5_000;
/** How long the watch may take to show what was read already. */
const shownMaxMs = 100;

export interface KubernetesPlatformOptions {
  readonly access: ClusterAccess;
  /** Which Deployments are ours: those that ask for it, or their Namespaces do; or all. */
  readonly optIn: 'annotated' | 'all';
  /** Where Flyball itself runs; no wide opt-in takes its Deployments. */
  readonly ownNamespace: string;
  /** Where `config-autoscaler` is looked for; the first that has it counts. */
  readonly configNamespaces: readonly string[];
  /** That of the activator: part of the hosts of a public Service. */
  readonly domain: string;
  /** `namespace/name` of the activator's own Service; undefined where nothing is routed. */
  readonly activatorService?: string | undefined;
  readonly limits?: FollowLimits | undefined;
}

interface Parts {
  readonly options: KubernetesPlatformOptions;
  readonly caches: ClusterCaches;
  readonly index: WorkloadIndex;
  readonly sight: WorkloadSight;
  /** Begins to follow when it is first asked for; rejects for a bug only. */
  readonly following: () => Promise<void>;
}

const deploymentPath = (workload: WorkloadKey): string => {
  const { namespace, name } = workloadName(workload);
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
};

/** Resolves when `holds`, asked after each change of a cache, or after `maxMs`. */
const whenever = (
  caches: readonly { readonly onChange: (listener: () => void) => () => void }[],
  holds: () => boolean,
  maxMs: number,
): Promise<void> =>
  new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const end = (): void => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      resolve();
    };
    const timer = setTimeout(end, maxMs);
    const look = (): void => {
      if (holds()) end();
    };
    for (const cache of caches) stops.push(cache.onChange(look));
    look();
  });

/** What was written or read and the watch has not shown yet, over what it has shown. */
const createKnown = ({ deployments }: ClusterCaches) => {
  const ahead = new Map<WorkloadKey, KeptDeployment>();
  deployments.onChange((change) => {
    if (change.kind === 'gone') ahead.delete(change.before.workload);
    if (change.kind !== 'kept') return;
    const { workload, resourceVersion } = change.object;
    const mine = ahead.get(workload);
    if (mine !== undefined && isAsNew(resourceVersion, mine.resourceVersion)) {
      ahead.delete(workload);
    }
  });
  const newest = (workload: WorkloadKey): KeptDeployment | undefined => {
    const { namespace, name } = workloadName(workload);
    return ahead.get(workload) ?? deployments.get(namespace, name);
  };
  return {
    newest,
    note: (deployment: KeptDeployment): void => {
      const { workload, resourceVersion } = deployment;
      const before = newest(workload);
      if (before !== undefined && isAsNew(before.resourceVersion, resourceVersion)) return;
      ahead.set(workload, deployment);
    },
    forget: (workload: WorkloadKey): void => void ahead.delete(workload),
  };
};

type Known = ReturnType<typeof createKnown>;

const unseen = (): OutsideError => {
  const message = `the cluster was not seen within ${firstSightMaxMs} ms`;
  return new OutsideError('PLATFORM_UNREACHABLE', message, { retriable: true });
};

/** Follows, and waits until all is seen; answers whether it is. */
const seesAll = async ({ caches, following }: Parts): Promise<boolean> => {
  const isWhole = (): boolean => caches.all.every((cache) => cache.isSynced());
  void following();
  await whenever(caches.all, isWhole, firstSightMaxMs);
  return isWhole();
};

/** Calls wait for the first sight of everything: without it nobody knows what is ours. */
const createReading = (parts: Parts, known: Known) => {
  const { access } = parts.options;
  let hasSeen = false;
  return async (workload: WorkloadKey): Promise<KeptDeployment | undefined> => {
    const path = deploymentPath(workload);
    const deployment = await orNothing(access.request<V1Deployment>({ path }));
    hasSeen ||= await seesAll(parts);
    if (!hasSeen) throw unseen();
    const version = deployment?.metadata?.resourceVersion ?? '';
    const isShown = (): boolean => isAsNew(known.newest(workload)?.resourceVersion ?? '', version);
    // The watch saw every write in between: who reads knows only that there may have been some.
    if (deployment !== undefined) await whenever([parts.caches.deployments], isShown, shownMaxMs);
    const kept = deployment && keptDeployment(deployment, known.newest(workload));
    if (kept === undefined) known.forget(workload);
    else known.note(kept);
    return kept;
  };
};

const routingSources = ({ caches, index }: Parts): RoutingSources => ({
  pods: (workload) => {
    const { namespace, name } = workloadName(workload);
    const deployment = caches.deployments.get(namespace, name);
    const pods = deployment === undefined ? [] : index.podsOf(deployment);
    return pods.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]));
  },
  activators: () => [...(caches.activators?.values() ?? [])],
});

/** Runs until closed; a failure, which only a bug can be, ends every watch. */
const createFollowing = (caches: ClusterCaches, signal: AbortSignal, onFailed: () => void) => {
  let running: Promise<void> | undefined;
  return (): Promise<void> => {
    running ??= Promise.all(caches.all.map((cache) => cache.follow(signal))).then(() => undefined);
    running.catch(onFailed);
    return running;
  };
};

async function* watchPlatform(
  { sight, following }: Parts,
  signal: AbortSignal,
  failing: AbortSignal,
): AsyncGenerator<PlatformChange, void, undefined> {
  const run = following();
  const queue = sight.told.join();
  const leave = (): void => sight.told.leave(queue);
  const ends = AbortSignal.any([signal, failing]);
  ends.addEventListener('abort', leave, { once: true });
  if (ends.aborted) leave();
  try {
    for await (const change of queue) {
      yield change;
      if (signal.aborted) break;
    }
  } finally {
    ends.removeEventListener('abort', leave);
    leave();
  }
  if (failing.aborted) await run;
}

/** Follows the cluster from the first watch or call on, until it is closed. */
export const createKubernetesPlatform = (options: KubernetesPlatformOptions): Platform => {
  const { access } = options;
  const closing = new AbortController();
  const failing = new AbortController();
  const caches = createClusterCaches(options);
  const index = createWorkloadIndex(caches);
  const sight = createWorkloadSight({ ...options, caches, index });
  const following = createFollowing(caches, closing.signal, () => failing.abort());
  const parts: Parts = { options, caches, index, sight, following };
  const costs = createDeletionCosts(access);
  const known = createKnown(caches);
  const { newest, note } = known;
  const read = createReading(parts, known);
  const scaling: ScaleParts = {
    access,
    known: newest,
    read,
    onWritten: note,
    shown: (workload, version, maxMs) =>
      whenever([caches.deployments], () => newest(workload)?.resourceVersion !== version, maxMs),
    isOurs: (deployment) => sight.seenOf(deployment) !== undefined,
    prepareFewer: (deployment, left) => costs.prepare(index.podsOf(deployment), left),
  };
  const sources = routingSources(parts);
  const router = createRouter({ access, sources, fieldManager: actuatorFieldManager });
  return {
    watch: (signal) =>
      watchPlatform(parts, AbortSignal.any([signal, closing.signal]), failing.signal),
    get: async (workload) => {
      const deployment = await read(workload);
      return deployment === undefined ? undefined : sight.seenOf(deployment);
    },
    scale: (request) => scaleDeployment(scaling, request),
    route: async (workload, routing) => {
      // Nobody knows what is ours before; and a Service or an activator that is not seen yet would
      // be passed by.
      if (!(await seesAll(parts))) throw unseen();
      const deployment = newest(workload) ?? (await read(workload));
      if (deployment === undefined || sight.seenOf(deployment) === undefined) {
        const message = `there is no workload ${workload} that is ours to route`;
        throw new OutsideError('PLATFORM_GONE', message, { retriable: false });
      }
      if (options.activatorService === undefined) return;
      await router.route(workload, routing);
    },
    close: async () => {
      closing.abort();
      await costs.close();
      await access.close();
    },
  };
};
