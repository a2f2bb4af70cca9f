/** What the actuator is told beside the log's events, what it asks for, and what it says. */
import type { FlyballEvent, RecordedEvent, Routing, WorkloadKey } from '@flyball/contracts';

/** The log has been folded to its end: from here on commands are given. */
export interface CaughtUp {
  readonly type: 'CaughtUp';
  readonly atMs: number;
}

/** Time passed: what waits for its turn is looked at. */
export interface TimerRang {
  readonly type: 'TimerRang';
  readonly atMs: number;
}

/**
 * What the platform itself asks for, told to each new owner and at each change: a write may have
 * been done and its event not, because its answer got lost, or the owner before died in between, or
 * the log lost its tail.
 */
export interface ReplicasSeen {
  readonly type: 'ReplicasSeen';
  readonly workload: WorkloadKey;
  readonly replicas: number;
  readonly resourceVersion: string;
}

export type ScaleReason = 'decided' | 'drifted' | 'woken';

/** Asks the shell to write `/scale`; its answer comes back as a ScaleAnswered. */
export interface ApplyScale {
  readonly type: 'ApplyScale';
  readonly workload: WorkloadKey;
  /** The one it is meant for: another may have its name by the time of the answer. */
  readonly uid: string;
  readonly to: number;
  /** True of a wake: nothing is written where as many are there. */
  readonly atLeast: boolean;
  /** The decision or the wake that it follows. */
  readonly decisionId: string;
  /** What it was that made it necessary now: the decision, the drift or the wake. */
  readonly causeId: string;
  readonly because: ScaleReason;
  readonly attempt: number;
  readonly traceparent: string | null;
}

/** Asks the shell to put the activator into the path or to take it out. */
export interface ApplyRouting {
  readonly type: 'ApplyRouting';
  readonly workload: WorkloadKey;
  readonly uid: string;
  readonly routing: Routing;
  readonly decisionId: string;
  /** What it was that made it necessary now: the decision, or the loss of what was said of it. */
  readonly causeId: string;
  readonly attempt: number;
  readonly traceparent: string | null;
}

export type ActuatorCommand = ApplyScale | ApplyRouting;

/** Why the platform did not do it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retriable: boolean;
}

export interface ScaleAnswered {
  readonly type: 'ScaleAnswered';
  readonly command: ApplyScale;
  readonly atMs: number;
  readonly result:
    | { readonly ok: true; readonly from: number; readonly resourceVersion: string }
    | ({ readonly ok: false } & Failure);
}

export interface RoutingAnswered {
  readonly type: 'RoutingAnswered';
  readonly command: ApplyRouting;
  readonly atMs: number;
  readonly result: { readonly ok: true } | ({ readonly ok: false } & Failure);
}

export type ActuatorInput =
  | RecordedEvent
  | CaughtUp
  | TimerRang
  | ReplicasSeen
  | ScaleAnswered
  | RoutingAnswered;

export type ActuatorEvent = FlyballEvent<
  'ScaleApplied' | 'ScaleFailed' | 'ScaleSuperseded' | 'RoutingApplied' | 'RoutingFailed'
>;
export type ActuatorOutput = ActuatorEvent | ActuatorCommand;

export const isActuatorCommand = (output: ActuatorOutput): output is ActuatorCommand =>
  output.type === 'ApplyScale' || output.type === 'ApplyRouting';

export const actuatorSource = '/flyball/actuator';

/** A decider that has decided through nothing newer than this is silent. */
export const deciderSilentMs = 3_000;
/** Longest that a decision is stored after the word that its tick was decided, bar outages. */
export const decisionLateMs = 500;
/** A wake that nobody asked for again for this long is forgotten: its requests have ended. */
export const wakeKeptMs = 10_000;
