/** The watcher: the stage, what goes in and out, and its snapshot. */

export { algorithmAbility, announcedAlgorithms } from './announced-algorithms.ts';
export type {
  ActivatorVanished,
  DecidersObserved,
  LivingDecider,
  LogLost,
  Observation,
  ObservedPod,
  ObservedWorkload,
  PlatformObserved,
  PolicyComplaint,
  Resolution,
  ResolvePolicy,
  SaidMore,
  WatcherEvent,
  WatcherInput,
} from './input.ts';
export {
  type WatcherState,
  watcherSnapshot,
  watcherSnapshotVersion,
  watcherStateFrom,
} from './state.ts';
export { toldGiven, toldSentence } from './told-text.ts';
export { createWatcher, holdingActivators } from './watcher.ts';
