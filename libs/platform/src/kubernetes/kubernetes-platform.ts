/** Deployments of a Kubernetes cluster as a platform: watched, scaled, routed. */
import { OutsideError } from '@flyball/contracts';
import { actuatorFieldManager, type Platform, type PlatformChange } from '../platform.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { type ClusterCaches, createClusterCaches } from './cluster-caches.ts';
import { createDeletionCosts } from './deletion-costs.ts';
import type { FollowLimits } from './follow-objects.ts';
import { createNewestDeployments } from './newest-deployments.ts';
import { createRouter, type RoutingSources } from './routing/index.ts';
import { type ScaleParts, scaleDeployment } from './scale-deployment.ts';
import type { ToldPlatform } from './told-platform.ts';
import { whenShown } from './when-shown.ts';
import { createWorkloadIndex, type WorkloadIndex } from './workload-index.ts';
import { createWorkloadSight } from './workload-sight.ts';

/** Before the first listing nobody knows what is ours; a call waits no longer for it. */
const seenMaxMs = 5_000;

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

interface Following {
  /** Begins when it is first asked for, and runs until closed; rejects for a bug only. */
  run(): Promise<void>;
  /** Resolves when everything is seen; rejects with OutsideError when that takes too long. */
  whenSeen(): Promise<void>;
  /** The same, but once it has resolved a loss holds nobody up. */
  whenSeenOnce(): Promise<void>;
}

const routingSources = (caches: ClusterCaches, index: WorkloadIndex): RoutingSources => ({
  pods: (workload) => {
    const deployment = caches.deployments.at(workload);
    const pods = deployment === undefined ? [] : index.podsOf(deployment);
    return pods.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]));
  },
  activators: () => [...(caches.activators?.values() ?? [])],
});

/** A failure, which only a bug can be, ends every watch. */
const createFollowing = (
  { all }: ClusterCaches,
  signal: AbortSignal,
  onFailed: () => void,
): Following => {
  const begin = (): Promise<void> => {
    const begun = Promise.all(all.map((cache) => cache.follow(signal))).then(() => undefined);
    begun.catch(onFailed);
    return begun;
  };
  let running: Promise<void> | undefined;
  const run = (): Promise<void> => {
    running ??= begin();
    return running;
  };
  const isWhole = (): boolean => all.every((cache) => cache.isSynced());
  const whenSeen = async (): Promise<void> => {
    void run();
    await whenShown(all, isWhole, seenMaxMs);
    if (isWhole()) return;
    const message = `the cluster was not seen within ${seenMaxMs} ms`;
    throw new OutsideError('PLATFORM_UNREACHABLE', message, { retriable: true });
  };
  let wasSeen = false;
  const whenSeenOnce = async (): Promise<void> => {
    if (!wasSeen) await whenSeen();
    wasSeen = true;
  };
  return { run, whenSeen, whenSeenOnce };
};

async function* watchPlatform(
  told: ToldPlatform,
  following: Following,
  signal: AbortSignal,
  failing: AbortSignal,
): AsyncGenerator<PlatformChange, void, undefined> {
  const run = following.run();
  const queue = told.join();
  const leave = (): void => told.leave(queue);
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
  const deployments = createNewestDeployments({
    access,
    shown: caches.deployments,
    whenSeenOnce: following.whenSeenOnce,
  });
  const costs = createDeletionCosts(access);
  const scaling: ScaleParts = {
    access,
    deployments,
    isOurs: (deployment) => sight.seenOf(deployment) !== undefined,
    prepareFewer: (deployment, left) => costs.prepare(index.podsOf(deployment), left),
  };
  const sources = routingSources(caches, index);
  const router = createRouter({ access, sources, fieldManager: actuatorFieldManager });
  return {
    watch: (signal) => {
      const ending = AbortSignal.any([signal, closing.signal]);
      return watchPlatform(sight.told, following, ending, failing.signal);
    },
    get: async (workload) => {
      const deployment = await deployments.read(workload);
      return deployment === undefined ? undefined : sight.seenOf(deployment);
    },
    scale: (request) => scaleDeployment(scaling, request),
    route: async (workload, routing) => {
      // Nobody knows what is ours before; and a Service or an activator that is not seen yet would
      // be passed by.
      await following.whenSeen();
      const deployment = deployments.newest(workload) ?? (await deployments.read(workload));
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
