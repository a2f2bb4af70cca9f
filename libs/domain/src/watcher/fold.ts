/** What events and observations change in what the watcher has said and sees. */
import type { AnyEvent, FlyballEvent, WorkloadKey } from '@flyball/contracts';
import { lossIdOf, type Observation, type WatcherEvent, type WatcherInput } from './input.ts';
import {
  appearedWorkload,
  namedLossesMax,
  type SaidWorkload,
  type Sight,
  type WatcherState,
} from './state.ts';

const foldListing = (sight: Sight): void => {
  sight.whole = false;
  sight.workloads.clear();
  sight.pods.clear();
};

const foldListed = (state: WatcherState): void => {
  const { sight } = state;
  sight.whole = true;
  sight.unseen = null;
  for (const key of Object.keys(state.said)) sight.changed.add(key as WorkloadKey);
  for (const key of sight.workloads.keys()) sight.changed.add(key);
};

const foldObservation = (state: WatcherState, observation: Observation): void => {
  const { sight } = state;
  switch (observation.kind) {
    case 'workload':
      sight.workloads.set(observation.workload.workload, observation.workload);
      sight.changed.add(observation.workload.workload);
      return;
    case 'workload-gone':
      sight.workloads.delete(observation.workload);
      sight.changed.add(observation.workload);
      return;
    case 'pod': {
      const { workload, pod } = observation.pod;
      const pods = sight.pods.get(workload) ?? new Map();
      sight.pods.set(workload, pods.set(pod, observation.pod));
      sight.changed.add(workload);
      return;
    }
    case 'pod-gone':
      sight.pods.get(observation.workload)?.delete(observation.pod);
      sight.changed.add(observation.workload);
      return;
    case 'config':
      sight.config = observation.config;
      for (const key of sight.workloads.keys()) sight.changed.add(key);
      return;
    case 'listing':
      foldListing(sight);
      return;
    case 'listed':
      foldListed(state);
      return;
    case 'unseen':
      sight.unseen = observation.reason;
      for (const key of Object.keys(state.said)) sight.changed.add(key as WorkloadKey);
      return;
  }
};

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const sorted = (value: Json): Json => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value as Record<string, Json>);
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
};

/** Data as it is compared: the order of its members says nothing. */
export const comparable = (data: object): string => JSON.stringify(sorted(data as Json));

const foldPod = (said: SaidWorkload, event: AnyEvent): void => {
  if (event.type === 'PodAppeared') {
    const { pod, address, metricsAddress, protocol } = event.data;
    const known = said.pods[pod] ?? { ready: false, unreadyReason: null };
    const { ready, unreadyReason } = known;
    const spoken = protocol === undefined ? {} : { protocol };
    said.pods[pod] = { address, metricsAddress, ...spoken, ready, unreadyReason };
    return;
  }
  if (event.type === 'PodGone') {
    delete said.pods[event.data.pod];
    return;
  }
  if (event.type !== 'PodReady' && event.type !== 'PodUnready') return;
  const known = said.pods[event.data.pod];
  if (known === undefined) return;
  known.ready = event.type === 'PodReady';
  known.unreadyReason = event.type === 'PodUnready' ? event.data.reason : null;
};

const foldSaid = (said: SaidWorkload, event: AnyEvent): void => {
  switch (event.type) {
    case 'PolicySet':
      said.policy = comparable(event.data);
      said.algorithm = event.data.policy.algorithm;
      said.refused = null;
      return;
    case 'PolicyRefused':
      said.refused = comparable(event.data.complaints);
      return;
    case 'WorkloadReachable':
      said.reachable = true;
      said.hosts = event.data.hosts ?? [];
      return;
    case 'WorkloadUnreachable':
      said.reachable = false;
      said.hosts = [];
      return;
    case 'PlatformUnseen':
      said.unseenSinceMs = event.atMs;
      return;
    case 'PlatformSeen':
      said.unseenSinceMs = null;
      return;
    case 'ScaleApplied':
      said.expected = event.data.to;
      return;
    case 'ReplicasDrifted':
      said.driftVersion = event.data.resourceVersion;
      return;
    default:
      foldPod(said, event);
  }
};

const foldCount = (
  state: WatcherState,
  workload: WorkloadKey,
  event: FlyballEvent<'RequestsCounted'>,
): void => {
  // Its ids are counted by the process itself: `<instance>:<n>:requests:…`.
  const instance = event.source.slice(event.source.lastIndexOf('/') + 1);
  const { waiting } = event.data;
  const held = state.held[workload] ?? {};
  state.held[workload] = held;
  if (waiting > 0) held[instance] = { waiting, countId: event.id };
  else delete held[instance];
  if (Object.keys(held).length === 0) delete state.held[workload];
};

const foldLost = (state: WatcherState, workload: WorkloadKey, instance: string): void => {
  const held = state.held[workload];
  if (held === undefined) return;
  delete held[instance];
  if (Object.keys(held).length === 0) delete state.held[workload];
};

const foldNamed = ({ named }: WatcherState, event: FlyballEvent<'LogTruncated'>): void => {
  named.push(lossIdOf(event.data));
  if (named.length > namedLossesMax) named.shift();
};

const foldEvent = (state: WatcherState, event: AnyEvent): void => {
  const { workload } = event;
  if (event.type === 'LogTruncated') foldNamed(state, event);
  if (workload === undefined) return;
  const said = state.said[workload];
  if (event.type === 'RequestsCounted') foldCount(state, workload, event);
  else if (event.type === 'RequestsLost') foldLost(state, workload, event.data.instance);
  else if (event.type === 'WorkloadGone') delete state.said[workload];
  else if (event.type === 'WorkloadAppeared') {
    state.said[workload] = appearedWorkload(event.data);
  } else if (said !== undefined) foldSaid(said, event);
  // There may be more to say of it, which had to wait for this.
  if (event.pen === 'platform' || event.pen === 'policy') state.sight.again.add(workload);
};

const lookAgain = (sight: Sight): void => {
  sight.changed.clear();
  for (const key of sight.again) sight.changed.add(key);
  sight.again.clear();
};

/** Folds one fact; total, and never refuses. */
export const foldWatcher = (
  state: WatcherState,
  fact: WatcherInput | WatcherEvent,
): WatcherState => {
  switch (fact.type) {
    case 'PlatformObserved':
      lookAgain(state.sight);
      foldObservation(state, fact.observation);
      return state;
    case 'DecidersObserved':
      lookAgain(state.sight);
      state.sight.deciders = fact.deciders;
      for (const key of state.sight.workloads.keys()) state.sight.changed.add(key);
      return state;
    case 'SaidMore':
      lookAgain(state.sight);
      return state;
    case 'ActivatorVanished':
    case 'LogLost':
      return state;
    default:
      foldEvent(state, fact as AnyEvent);
      return state;
  }
};
