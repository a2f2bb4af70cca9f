/** The watcher: sees the platform and writes down what changed since it was last written down. */
import { type Cause, eventFrom, type WorkloadKey } from '@flyball/contracts';
import type { Stage } from '../stage.ts';
import { platformDifference, policyDifference, resolutionOf } from './differences.ts';
import { foldWatcher } from './fold.ts';
import {
  type ActivatorVanished,
  type LogLost,
  lossIdOf,
  type ResolvePolicy,
  type WatcherEvent,
  type WatcherInput,
  watcherSource,
} from './input.ts';
import { initialWatcherState, type WatcherState } from './state.ts';

const placeOf = (state: WatcherState, cause: Cause) => ({
  partition: state.partition,
  source: watcherSource,
  cause,
});

/** The next facts of one workload: at most one of the platform and one of the policy. */
const factsOf = (
  state: WatcherState,
  key: WorkloadKey,
  resolve: ResolvePolicy,
  cause: Cause,
): WatcherEvent[] => {
  const place = { ...placeOf(state, cause), workload: key };
  const resolution = resolutionOf(state, key, resolve);
  const platform = platformDifference(state, key, resolution, cause.atMs);
  const told: WatcherEvent[] = [];
  if (platform !== undefined) told.push(eventFrom({ ...place, ...platform, pen: 'platform' }));
  const leaves = platform?.type === 'WorkloadGone';
  const known = state.said[key] !== undefined || platform?.type === 'WorkloadAppeared';
  if (resolution === undefined || leaves || !known || state.sight.unseen !== null) return told;
  const policy = policyDifference(state, key, resolution);
  if (policy !== undefined) told.push(eventFrom({ ...place, ...policy, pen: 'policy' }));
  return told;
};

const lostWith = (state: WatcherState, input: ActivatorVanished): WatcherEvent[] =>
  Object.entries(state.held).flatMap(([key, byInstance]) => {
    const held = byInstance[input.instance];
    if (held === undefined) return [];
    const data = {
      instance: input.instance,
      lost: held.waiting,
      lastCountId: held.countId,
    };
    const workload = key as WorkloadKey;
    const place = { ...placeOf(state, input), workload };
    return [eventFrom({ ...place, type: 'RequestsLost', pen: 'lost', data })];
  });

const truncated = (state: WatcherState, input: LogLost): WatcherEvent[] => {
  const id = lossIdOf(input);
  if (state.named.includes(id)) return [];
  const { stage, expectedSeq, expectedId, foundSeq } = input;
  const { expectedStreamCreatedAt, foundStreamCreatedAt } = input;
  const data = {
    stage,
    expectedSeq,
    expectedId,
    foundSeq,
    expectedStreamCreatedAt,
    foundStreamCreatedAt,
  };
  const place = placeOf(state, { id, atMs: input.atMs });
  return [eventFrom({ ...place, type: 'LogTruncated', pen: 'incidents', data })];
};

/**
 * Makes the watcher with the function that turns settings into a policy. After an input that led
 * to events, SaidMore is to be fed until nothing comes: one message per pen and workload at a time.
 */
export const createWatcher = (
  resolve: ResolvePolicy,
): Stage<WatcherInput, WatcherState, WatcherEvent> => ({
  name: 'watcher',
  initialState: initialWatcherState,
  evolve: foldWatcher,
  decide: (input, state) => {
    switch (input.type) {
      case 'PlatformObserved':
      case 'DecidersObserved':
      case 'SaidMore':
        return [...state.sight.changed].flatMap((key) => factsOf(state, key, resolve, input));
      case 'ActivatorVanished':
        return lostWith(state, input);
      case 'LogLost':
        return truncated(state, input);
      default:
        return [];
    }
  },
});

/** Activators that still hold something by their last counts. */
export const holdingActivators = (state: WatcherState): ReadonlySet<string> =>
  new Set(Object.values(state.held).flatMap((byInstance) => Object.keys(byInstance)));
