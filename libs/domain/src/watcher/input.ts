/** What the watcher is told beside the log's events, and what it says. */
import type {
  FlyballEvent,
  Policy,
  PolicyLayer,
  RecordedEvent,
  WorkloadKey,
} from '@flyball/contracts';

/** A complaint as PolicyRefused tells it. */
export interface PolicyComplaint {
  readonly path: string;
  readonly key: string;
  readonly value: string;
  readonly allowed: string;
  readonly message: string;
}

/** A workload as the platform shows it. */
export interface ObservedWorkload {
  readonly workload: WorkloadKey;
  readonly uid: string;
  /** Changes with every write to the replicas; writes to what is not told here may leave it. */
  readonly resourceVersion: string;
  /** Replicas that the object asks for. */
  readonly replicas: number;
  /** Who wrote `replicas` last, as the platform names it. */
  readonly fieldManager: string;
  /** Annotations of the pod template, over those of the object. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly containerConcurrency: number;
  readonly timeoutSeconds: number;
  /** Does a route lead to it? */
  readonly reachable: boolean;
  /** Hosts by which clients ask for it, beside `<name>.<namespace>.<domain>`. */
  readonly hosts: readonly string[];
  readonly createdAtMs: number;
}

export interface ObservedPod {
  readonly workload: WorkloadKey;
  readonly pod: string;
  /** Where requests go: the queue-proxy where there is one; null until known. */
  readonly address: string | null;
  /** Where the queue-proxy's metrics are; null without one. */
  readonly metricsAddress: string | null;
  /** How it is spoken to, gRPC aside; HTTP/1.1 when it is not given. */
  readonly protocol?: 'h2c' | undefined;
  readonly ready: boolean;
  /** Why it is not ready, when it was. */
  readonly unreadyReason: 'draining' | 'crashed' | 'probe-failed' | 'unknown' | null;
  readonly message: string;
  readonly createdAtMs: number;
}

/** Level, not edge: told again, it changes nothing. */
export type Observation =
  | { readonly kind: 'workload'; readonly workload: ObservedWorkload }
  | { readonly kind: 'workload-gone'; readonly workload: WorkloadKey; readonly uid: string }
  | { readonly kind: 'pod'; readonly pod: ObservedPod }
  | { readonly kind: 'pod-gone'; readonly workload: WorkloadKey; readonly pod: string }
  /** The ConfigMap `config-autoscaler`; undefined when there is none. */
  | { readonly kind: 'config'; readonly config: Readonly<Record<string, string>> | undefined }
  /** A whole listing follows; what it does not name is gone. */
  | { readonly kind: 'listing' }
  /** The listing is complete. */
  | { readonly kind: 'listed' }
  /** The platform does not answer; the watch goes on trying by itself. */
  | { readonly kind: 'unseen'; readonly reason: string };

/** `id` is counted by the process that saw it: `<instance>-<boot>:<n>`. */
interface Seen {
  readonly id: string;
  readonly atMs: number;
}

/** A decider that lives: it may own any partition next. */
export interface LivingDecider {
  readonly instance: string;
  readonly algorithms: readonly number[];
}

/** All deciders that live now. Level, not edge: told again, it changes nothing. */
export interface DecidersObserved extends Seen {
  readonly type: 'DecidersObserved';
  readonly deciders: readonly LivingDecider[];
}

export interface PlatformObserved extends Seen {
  readonly type: 'PlatformObserved';
  readonly observation: Observation;
}

/** What was observed may not all be said yet: one event per pen and workload goes out at a time. */
export interface SaidMore extends Seen {
  readonly type: 'SaidMore';
}

/** No sign of life of this activator for too long. */
export interface ActivatorVanished extends Seen {
  readonly type: 'ActivatorVanished';
  readonly instance: string;
}

/** The log is not the one that was read: told at each recovery, and named once. */
export interface LogLost {
  readonly type: 'LogLost';
  readonly atMs: number;
  readonly stage: string;
  readonly expectedSeq: number;
  readonly expectedId: string | null;
  readonly foundSeq: number;
  readonly expectedStreamCreatedAt: string;
  readonly foundStreamCreatedAt: string;
}

export type WatcherInput =
  | RecordedEvent
  | PlatformObserved
  | DecidersObserved
  | SaidMore
  | ActivatorVanished
  | LogLost;

export type WatcherEvent = FlyballEvent<
  | 'PolicySet'
  | 'PolicyRefused'
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
  | 'ReplicasDrifted'
  | 'RequestsLost'
  | 'LogTruncated'
>;

/** What a workload's settings come to; the resolving itself is not the watcher's. */
export interface Resolution {
  /** False for a class that is not ours: the workload is left alone. */
  readonly managed: boolean;
  /** Its algorithm is the one asked for; where none is, the newest that this code knows. */
  readonly policy: Policy;
  /** The setting that asks for a version of the algorithm; null when none does. */
  readonly algorithmKey: string | null;
  readonly layers: Readonly<Record<string, PolicyLayer>>;
  readonly warnings: readonly string[];
  /** Any of these, and the settings are refused as a whole. */
  readonly errors: readonly PolicyComplaint[];
}

export type ResolvePolicy = (
  workload: ObservedWorkload,
  config: Readonly<Record<string, string>> | undefined,
) => Resolution;

/** A loss is the same one whoever finds it again: its id follows from what was expected. */
export const lossIdOf = (lost: {
  readonly expectedStreamCreatedAt: string;
  readonly expectedSeq: number;
  readonly expectedId: string | null;
}): string => `lost-${lost.expectedStreamCreatedAt}-${lost.expectedSeq}-${lost.expectedId ?? ''}`;

export const watcherSource = '/flyball/watcher';
/** Under this field manager the actuator writes replicas: no drift. */
export const ownFieldManager = 'flyball-actuator';
/** A Deployment that asks for pods and is older than this when it is first seen is adopted. */
export const adoptedAgeMs = 10_000;
