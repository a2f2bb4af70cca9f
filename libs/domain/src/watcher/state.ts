/** What the watcher has said of its partition, and what it sees now. */
import type { EventDataByName, WorkloadKey } from '@flyball/contracts';
import type { LivingDecider, ObservedPod, ObservedWorkload } from './input.ts';

export const watcherSnapshotVersion = 4;
/** Losses of the log that are remembered, so that none is named twice. */
export const namedLossesMax = 16;

/** A pod as the log has it. */
export interface SaidPod {
  readonly address: string | null;
  readonly metricsAddress: string | null;
  readonly protocol?: 'h2c' | undefined;
  ready: boolean;
  unreadyReason: string | null;
}

/** A workload as the log has it. */
export interface SaidWorkload {
  uid: string;
  reachable: boolean;
  /** As `hostsOf` gives them. */
  hosts: readonly string[];
  pods: Record<string, SaidPod>;
  /** The replicas that the platform was last known to ask for, and since which object. */
  expected: number;
  /** A drift is told once for each version of the object. */
  driftVersion: string | null;
  /** The PolicySet in force, as text; null before the first. */
  policy: string | null;
  /** The version of the algorithm that it names; null before the first. */
  algorithm: number | null;
  /** The complaints last told, as text; null when there are none. */
  refused: string | null;
  unseenSinceMs: number | null;
}

/** What one activator still held of a workload, by its last count. */
export interface HeldCount {
  readonly waiting: number;
  readonly countId: string;
}

/** The platform as it is seen now; never in a snapshot. */
export interface Sight {
  /** False before the first whole listing, and while one is coming in: gone is not known then. */
  whole: boolean;
  unseen: string | null;
  config: Readonly<Record<string, string>> | undefined;
  /** Empty while none lives. */
  deciders: readonly LivingDecider[];
  readonly workloads: Map<WorkloadKey, ObservedWorkload>;
  readonly pods: Map<WorkloadKey, Map<string, ObservedPod>>;
  /** Looked at by the next step. */
  readonly changed: Set<WorkloadKey>;
  /** Something was just said of these: looked at again by the step after. */
  readonly again: Set<WorkloadKey>;
}

export interface WatcherState {
  readonly partition: number;
  readonly said: Record<WorkloadKey, SaidWorkload>;
  /** By workload, then by activator. */
  readonly held: Record<WorkloadKey, Record<string, HeldCount>>;
  /** Ids of the losses of the log that were named last; the oldest first. */
  readonly named: string[];
  readonly sight: Sight;
}

const newSight = (): Sight => ({
  whole: false,
  unseen: null,
  config: undefined,
  deciders: [],
  workloads: new Map(),
  pods: new Map(),
  changed: new Set(),
  again: new Set(),
});

export const initialWatcherState = (partition: number): WatcherState => ({
  partition,
  said: {},
  held: {},
  named: [],
  sight: newSight(),
});

export const appearedWorkload = (data: EventDataByName['WorkloadAppeared']): SaidWorkload => ({
  uid: data.uid,
  reachable: true,
  hosts: [],
  pods: {},
  expected: data.replicas,
  driftVersion: null,
  policy: null,
  algorithm: null,
  refused: null,
  unseenSinceMs: null,
});

/** The state as plain data; serialise it before the next step. */
export const watcherSnapshot = ({ said, held, named }: WatcherState) => ({ said, held, named });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Reads a snapshot back; what is seen of the platform begins anew. */
export const watcherStateFrom = (
  snapshot: unknown,
  partition: number,
): WatcherState | undefined => {
  if (!isRecord(snapshot) || !isRecord(snapshot.said) || !isRecord(snapshot.held)) return undefined;
  if (!Array.isArray(snapshot.named)) return undefined;
  const { said, held, named } = snapshot as Pick<WatcherState, 'said' | 'held' | 'named'>;
  return { partition, said, held, named, sight: newSight() };
};
