/** Which workloads are Flyball's to scale now: a Service must not lead one that was let go. */
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import {
  isManaged,
  keptDeployment,
  namespaceEnabled,
  type ObjectCache,
} from '@flyball/platform/kubernetes';
import type { NamespaceSeen } from '../cluster-caches.ts';
import type { Deployment } from '../objects/cluster-object.ts';

/** `unknown`: the Deployments are not listed yet, or not all of them. */
export type Presence = 'there' | 'missing' | 'unknown';

export interface ManagedWorkloads {
  /**
   * False for a Deployment that is there and is not ours, as far as it was seen last. Undefined
   * before Deployments, and Namespaces, were listed once: whoever asks is told when they are.
   */
  has(workload: WorkloadKey): boolean | undefined;
  /** Whether there is a Deployment of that name, whoever's it is. */
  presence(workload: WorkloadKey): Presence;
  /** Tells of each workload for which that may be otherwise now; answers how to stop it. */
  onChange(listener: (workload: WorkloadKey) => void): () => void;
}

export interface ManagedOptions {
  readonly deployments: ObjectCache<Deployment>;
  /** Undefined where only some are looked at. */
  readonly namespaces: ObjectCache<NamespaceSeen> | undefined;
  readonly optIn: 'annotated' | 'all';
  /** Where Flyball itself runs. */
  readonly ownNamespace: string;
}

const keyOf = ({ metadata }: Deployment): WorkloadKey =>
  `${metadata.namespace ?? ''}/${metadata.name}`;

const enabledOf = (deployment: Deployment): boolean | undefined =>
  keptDeployment(deployment as unknown as Parameters<typeof keptDeployment>[0])?.enabled;

interface Telling {
  readonly tell: (workload: WorkloadKey) => void;
  readonly tellAll: () => void;
}

const followListings = (
  caches: readonly (ObjectCache<unknown> | undefined)[],
  { tell, tellAll }: Telling,
) => {
  /** What was never seen as a whole; what a watch loses later is kept as it was seen. */
  const unlisted = new Set<ObjectCache<unknown>>();
  /** Whoever asked of these too early hears of them again. */
  const askedEarly = new Set<WorkloadKey>();
  for (const cache of caches) {
    if (cache?.isSynced() === false) unlisted.add(cache);
    cache?.onChange(({ kind }) => {
      if (kind !== 'synced') return;
      unlisted.delete(cache);
      tellAll();
      const early = [...askedEarly];
      // Whoever is told may ask too early again.
      askedEarly.clear();
      for (const workload of early) tell(workload);
    });
  }
  return { askedEarly, areListed: (): boolean => unlisted.size === 0 };
};

export const createManagedWorkloads = (options: ManagedOptions): ManagedWorkloads => {
  const { deployments, namespaces, optIn, ownNamespace } = options;
  const listeners = new Set<(workload: WorkloadKey) => void>();
  const tell = (workload: WorkloadKey): void => {
    for (const listener of listeners) listener(workload);
  };
  const tellAll = (namespace?: string): void => {
    for (const deployment of deployments.values()) {
      if (namespace === undefined || deployment.metadata.namespace === namespace) {
        tell(keyOf(deployment));
      }
    }
  };
  const { areListed, askedEarly } = followListings([deployments, namespaces], { tell, tellAll });
  deployments.onChange((change) => {
    if (change.kind === 'gone') tell(keyOf(change.before));
    if (change.kind !== 'kept') return;
    const { object, before } = change;
    if (before === undefined || enabledOf(before) !== enabledOf(object)) tell(keyOf(object));
  });
  namespaces?.onChange((change) => {
    if (change.kind !== 'kept') return;
    const { object, before } = change;
    const was = before === undefined ? undefined : namespaceEnabled(before);
    if (was !== namespaceEnabled(object)) tellAll(object.name);
  });
  return {
    has: (workload) => {
      if (!areListed()) {
        askedEarly.add(workload);
        return undefined;
      }
      const deployment = deployments.at(workload);
      if (deployment === undefined) return true;
      const { namespace } = workloadName(workload);
      const seen = namespaces?.get('', namespace);
      return isManaged({
        deployment: enabledOf(deployment),
        namespace,
        inNamespace: seen === undefined ? undefined : namespaceEnabled(seen),
        ...{ optIn, ownNamespace },
      });
    },
    presence: (workload) => {
      if (deployments.at(workload) !== undefined) return 'there';
      if (deployments.isSynced()) return 'missing';
      askedEarly.add(workload);
      return 'unknown';
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
