/** What is seen of one workload against what was said of it: the next fact to tell, if any. */
import { type EventDataByName, hostsOf, type WorkloadKey } from '@flyball/contracts';
import { chooseAlgorithm } from './choose-algorithm.ts';
import { comparable } from './fold.ts';
import {
  adoptedAgeMs,
  type ObservedPod,
  type ObservedWorkload,
  ownFieldManager,
  type Resolution,
  type ResolvePolicy,
} from './input.ts';
import type { SaidPod, SaidWorkload, WatcherState } from './state.ts';
import { toldSentence } from './told-text.ts';

type PlatformEventName =
  | 'WorkloadAppeared'
  | 'WorkloadGone'
  | 'WorkloadReachable'
  | 'WorkloadUnreachable'
  | 'PodAppeared'
  | 'PodReady'
  | 'PodUnready'
  | 'PodGone'
  | 'PlatformUnseen'
  | 'PlatformSeen'
  | 'ReplicasDrifted';

/** One fact to tell: its name with its data. */
export type Difference<Name extends keyof EventDataByName> = {
  [One in Name]: { readonly type: One; readonly data: EventDataByName[One] };
}[Name];

type PlatformDifference = Difference<PlatformEventName>;

interface Comparison {
  readonly state: WatcherState;
  readonly key: WorkloadKey;
  readonly said: SaidWorkload;
  readonly seen: ObservedWorkload;
  readonly atMs: number;
}

/** It had pods when it came: asked for, and there (or older than any new one). */
const isAdopted = (state: WatcherState, seen: ObservedWorkload, atMs: number): boolean => {
  const pods = [...(state.sight.pods.get(seen.workload)?.values() ?? [])];
  const old = seen.createdAtMs < atMs - adoptedAgeMs;
  return seen.replicas > 0 && (old || pods.some((pod) => pod.ready));
};

const appeared = (
  state: WatcherState,
  seen: ObservedWorkload,
  atMs: number,
): PlatformDifference => {
  const { uid, replicas, createdAtMs, resourceVersion } = seen;
  const adopted = isAdopted(state, seen, atMs);
  return {
    type: 'WorkloadAppeared',
    data: { uid, replicas, createdAtMs, adopted, resourceVersion },
  };
};

const podAppeared = (said: SaidPod | undefined, seen: ObservedPod): PlatformDifference[] => {
  const { pod, address, metricsAddress, protocol, createdAtMs } = seen;
  const samePlace = said?.address === address && said.metricsAddress === metricsAddress;
  const known = samePlace && said.protocol === protocol;
  const spoken = protocol === undefined ? {} : { protocol };
  const data = { pod, address, metricsAddress, ...spoken, createdAtMs };
  return known ? [] : [{ type: 'PodAppeared', data }];
};

const podPhase = (said: SaidPod, seen: ObservedPod): PlatformDifference[] => {
  const { pod, ready, unreadyReason, message } = seen;
  if (ready) return said.ready ? [] : [{ type: 'PodReady', data: { pod } }];
  const told = unreadyReason === null || unreadyReason === said.unreadyReason;
  if (!said.ready && told) return [];
  const data = { pod, reason: unreadyReason ?? 'unknown', message: toldSentence(message) } as const;
  return [{ type: 'PodUnready', data }];
};

const podDifference = ({ state, key, said }: Comparison): PlatformDifference | undefined => {
  const seenPods = state.sight.pods.get(key) ?? new Map<string, ObservedPod>();
  if (state.sight.whole) {
    const gone = Object.keys(said.pods).find((pod) => !seenPods.has(pod));
    if (gone !== undefined) return { type: 'PodGone', data: { pod: gone } };
  }
  for (const [name, seen] of seenPods) {
    const known = said.pods[name];
    const [difference] = [
      ...podAppeared(known, seen),
      ...(known === undefined ? [] : podPhase(known, seen)),
    ];
    if (difference !== undefined) return difference;
  }
  return undefined;
};

const drift = ({ said, seen }: Comparison): PlatformDifference | undefined => {
  const { replicas: observed, fieldManager, resourceVersion } = seen;
  const { expected } = said;
  if (observed === expected || fieldManager === ownFieldManager) return undefined;
  if (resourceVersion === said.driftVersion) return undefined;
  return { type: 'ReplicasDrifted', data: { expected, observed, fieldManager, resourceVersion } };
};

const sameHosts = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((host, at) => host === other[at]);

/** Hosts are told with the route; what nothing routes to has none. */
const reachability = ({ said, seen }: Comparison): PlatformDifference | undefined => {
  if (!seen.reachable) {
    return said.reachable ? { type: 'WorkloadUnreachable', data: {} } : undefined;
  }
  const hosts = hostsOf(seen.hosts);
  if (said.reachable && sameHosts(said.hosts, hosts)) return undefined;
  const changed = !sameHosts(said.hosts, hosts);
  return { type: 'WorkloadReachable', data: changed ? { hosts: [...hosts] } : {} };
};

const sightRegained = ({ state, said, atMs }: Comparison): PlatformDifference | undefined => {
  if (said.unseenSinceMs === null || state.sight.unseen !== null || !state.sight.whole) {
    return undefined;
  }
  return { type: 'PlatformSeen', data: { unseenMs: Math.max(0, atMs - said.unseenSinceMs) } };
};

const platformUnseen = (reason: string): PlatformDifference => ({
  type: 'PlatformUnseen',
  data: { reason: toldSentence(reason) },
});

/** The next platform fact of a workload that is there: identity first, sight regained last. */
const differenceOfSeen = (comparison: Comparison): PlatformDifference | undefined => {
  const { state, said, seen, atMs } = comparison;
  if (said.uid !== seen.uid) {
    const data = { uid: said.uid, reason: 'deleted' as const };
    return { type: 'WorkloadGone', data };
  }
  if (state.sight.unseen !== null) {
    return said.unseenSinceMs === null ? platformUnseen(state.sight.unseen) : undefined;
  }
  return (
    reachability(comparison) ??
    podDifference(comparison) ??
    drift(comparison) ??
    sightRegained({ ...comparison, atMs })
  );
};

const differenceOfGone = (
  state: WatcherState,
  said: SaidWorkload,
): PlatformDifference | undefined => {
  const { unseen, whole } = state.sight;
  if (unseen !== null && said.unseenSinceMs === null) {
    return platformUnseen(unseen);
  }
  if (unseen !== null || !whole) return undefined;
  return { type: 'WorkloadGone', data: { uid: said.uid, reason: 'deleted' } };
};

/** The next fact for the `platform` subject. */
export const platformDifference = (
  state: WatcherState,
  key: WorkloadKey,
  resolution: Resolution | undefined,
  atMs: number,
): PlatformDifference | undefined => {
  const said = state.said[key];
  const seen = state.sight.workloads.get(key);
  if (seen === undefined) return said === undefined ? undefined : differenceOfGone(state, said);
  // While a listing comes in its pods may still be missing, and adoption depends on them.
  if (said === undefined) {
    const ready = state.sight.whole && state.sight.unseen === null;
    return ready && resolution?.managed === true ? appeared(state, seen, atMs) : undefined;
  }
  if (resolution?.managed === false) {
    return { type: 'WorkloadGone', data: { uid: said.uid, reason: 'opted-out' } };
  }
  return differenceOfSeen({ state, key, said, seen, atMs });
};

const complaintsMax = 200;

/** The next fact for the `policy` subject: only when it differs from the last one told. */
export const policyDifference = (
  state: WatcherState,
  key: WorkloadKey,
  resolved: Resolution,
): Difference<'PolicySet' | 'PolicyRefused'> | undefined => {
  if (!resolved.managed) return undefined;
  const said = state.said[key];
  const chosen = chooseAlgorithm(resolved, said?.algorithm ?? null, state.sight.deciders);
  const { errors, policy, layers, warnings } = chosen;
  if (errors.length > 0) {
    const complaints = errors.slice(0, complaintsMax);
    const told = said?.refused === comparable(complaints);
    return told ? undefined : { type: 'PolicyRefused', data: { complaints } };
  }
  const data = { policy, layers: { ...layers }, warnings: warnings.slice(0, complaintsMax) };
  // A refusal that was mended by going back says so: the same policy is told again.
  const told = said?.policy === comparable(data) && said.refused === null;
  return told ? undefined : { type: 'PolicySet', data };
};

/** Resolves only what is seen. */
export const resolutionOf = (
  state: WatcherState,
  key: WorkloadKey,
  resolve: ResolvePolicy,
): Resolution | undefined => {
  const seen = state.sight.workloads.get(key);
  return seen === undefined ? undefined : resolve(seen, state.sight.config);
};
