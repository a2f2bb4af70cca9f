/** What the actuator knows of its partition; plain data. */
import type { Policy, Routing, WorkloadKey } from '@flyball/contracts';
import { type ScaleReason, wakeKeptMs } from './input.ts';
import type { Tries } from './tries.ts';

export const actuatorSnapshotVersion = 4;

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
  /** When it was asked for last. */
  readonly atMs: number;
  readonly traceparent: string | null;
  /** The one that was forgotten when this one came: it may still be under way. */
  readonly before?: string;
}

/** Nobody has asked for so long that the requests have ended. */
export const isForgotten = (wake: Wake, nowMs: number): boolean => nowMs - wake.atMs > wakeKeptMs;

export type WakePolicy = Pick<Policy, 'minScale' | 'maxScale' | 'initialScale' | 'activationScale'>;

export interface ActuatedWorkload {
  readonly uid: string;
  policy: WakePolicy | null;
  /** Replicas that the platform asks for, as far as the log says. */
  observed: number;
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
  waiting: new Set(),
});

export const newWorkload = (uid: string, replicas: number): ActuatedWorkload => ({
  uid,
  policy: null,
  observed: replicas,
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
      { ...workload, unexplained: null, scaling: null, routingChanging: false },
    ]),
  );
  const { decidedThroughAtMs } = snapshot;
  return { ...initialActuatorState(partition), workloads, decidedThroughAtMs };
};
