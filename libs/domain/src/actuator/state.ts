/** What the actuator knows of its partition; plain data. */
import type { Policy, Routing, WorkloadKey } from '@flyball/contracts';
import type { ScaleReason } from './input.ts';
import type { Tries } from './tries.ts';

export const actuatorSnapshotVersion = 5;

/** The replicas that should be, by the newest decision or the wake that came after it. */
export interface Target {
  readonly to: number;
  /** True of a wake: it asks for no fewer, and takes nothing away. */
  readonly atLeast: boolean;
  readonly decisionId: string;
  readonly causeId: string;
  readonly because: ScaleReason;
  readonly traceparent: string | null;
}

/** Whether so many replicas are what is asked for. */
export const isReached = ({ to, atLeast }: Target, replicas: number): boolean =>
  atLeast ? replicas >= to : replicas === to;

export interface RoutingTarget {
  readonly routing: Routing;
  readonly decisionId: string;
  readonly causeId: string;
  readonly traceparent: string | null;
}

/** What the platform asks for, when that is not what the log says. */
export interface Unexplained {
  readonly replicas: number;
  readonly resourceVersion: string;
  /** The decider has the next word: it counts once that has decided through a newer tick. */
  readonly afterTickMs: number;
  /** When that was known; null until then. */
  spokenAtMs: number | null;
}

/** What was asked for since the newest decision. */
export interface Wake {
  readonly id: string;
  /** When it was asked for last, by the clocks of those who ask. */
  readonly atMs: number;
  readonly traceparent: string | null;
  /** The one that was forgotten when this one came: it may still be under way. */
  readonly before?: string;
}

export type WakePolicy = Pick<Policy, 'minScale' | 'maxScale' | 'initialScale' | 'activationScale'>;

export interface ActuatedWorkload {
  readonly uid: string;
  policy: WakePolicy | null;
  /** Replicas that the platform asks for, as far as the log says. */
  observed: number;
  /** The version of the workload at which it asked for those. */
  observedVersion: string;
  /** The drift that told them; null when it was not a drift. */
  driftId: string | null;
  /** Never in a snapshot. */
  unexplained: Unexplained | null;
  everDecided: boolean;
  target: Target | null;
  tries: Tries | null;
  /** A scale is under way: its cause. Never in a snapshot. */
  scaling: string | null;
  routingApplied: Routing | null;
  routingTarget: RoutingTarget | null;
  routingTries: Tries | null;
  /** A routing is under way. Never in a snapshot. */
  routingChanging: boolean;
  wake: Wake | null;
  /** When a wake was heard last; null: since a time was told last. Never in a snapshot. */
  wakeHeardAtMs: number | null;
}

export interface ActuatorState {
  readonly partition: number;
  readonly workloads: Record<WorkloadKey, ActuatedWorkload>;
  /** The newest tick that was decided through; 0 before the first. */
  decidedThroughAtMs: number;
  /** When that was heard; null: since a time was told last. Never in a snapshot. */
  decidedHeardAtMs: number | null;
  /** The newest time that any input told. */
  nowMs: number;
  /** Commands are given only once the log has been folded to its end. */
  live: boolean;
  /** The target that the newest event replaced before it was even tried. Never in a snapshot. */
  overtaken: { readonly to: number; readonly decisionId: string } | null;
  /** Workloads of which a wake was heard since a time was told last. Never in a snapshot. */
  readonly unheard: Set<WorkloadKey>;
  /** Workloads that a timer may still move: waiting tries and wakes. Never in a snapshot. */
  readonly waiting: Set<WorkloadKey>;
}

export const initialActuatorState = (partition: number): ActuatorState => ({
  partition,
  workloads: {},
  decidedThroughAtMs: 0,
  decidedHeardAtMs: null,
  nowMs: 0,
  live: false,
  overtaken: null,
  unheard: new Set(),
  waiting: new Set(),
});

export const newWorkload = (
  uid: string,
  observed: number,
  observedVersion: string,
): ActuatedWorkload => ({
  uid,
  policy: null,
  observed,
  observedVersion,
  driftId: null,
  unexplained: null,
  everDecided: false,
  target: null,
  tries: null,
  scaling: null,
  routingApplied: null,
  routingTarget: null,
  routingTries: null,
  routingChanging: false,
  wake: null,
  wakeHeardAtMs: null,
});

/** The state as plain data; serialise it before the next step. */
export const actuatorSnapshot = ({ workloads, decidedThroughAtMs }: ActuatorState) => ({
  decidedThroughAtMs,
  workloads: Object.entries(workloads),
});

type StoredState = ReturnType<typeof actuatorSnapshot>;

const isStored = (snapshot: unknown): snapshot is StoredState =>
  typeof snapshot === 'object' &&
  snapshot !== null &&
  'workloads' in snapshot &&
  Array.isArray(snapshot.workloads) &&
  'decidedThroughAtMs' in snapshot;

/** Reads a snapshot back: nothing is under way in a new owner. */
export const actuatorStateFrom = (
  snapshot: unknown,
  partition: number,
): ActuatorState | undefined => {
  if (!isStored(snapshot)) return undefined;
  const workloads = Object.fromEntries(
    snapshot.workloads.map(([key, workload]) => [
      key,
      {
        ...{ ...workload, unexplained: null, scaling: null, routingChanging: false },
        wakeHeardAtMs: workload.wake?.atMs ?? null,
      },
    ]),
  );
  const { decidedThroughAtMs } = snapshot;
  return { ...initialActuatorState(partition), workloads, decidedThroughAtMs };
};
