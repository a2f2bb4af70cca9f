/** What runs the pods, as the stages see it: list, watch, scale, route. */
import type { Routing, WorkloadKey } from '@flyball/contracts';

export interface WorkloadSeen {
  readonly workload: WorkloadKey;
  readonly uid: string;
  /** Changes with every write to the object. */
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
  readonly createdAtMs: number;
}

export interface PodSeen {
  readonly workload: WorkloadKey;
  readonly pod: string;
  /** Where requests go: the queue-proxy where there is one; null until known. */
  readonly address: string | null;
  /** Where the queue-proxy's metrics are; null without one. */
  readonly metricsAddress: string | null;
  readonly ready: boolean;
  /** Why it is not ready, when it was. */
  readonly unreadyReason: 'draining' | 'crashed' | 'probe-failed' | 'unknown' | null;
  readonly message: string;
  readonly createdAtMs: number;
}

/** Level, not edge: each says how something is now; a listing after a loss repeats what is. */
export type PlatformChange =
  | { readonly kind: 'workload'; readonly workload: WorkloadSeen }
  | { readonly kind: 'workload-gone'; readonly workload: WorkloadKey; readonly uid: string }
  | { readonly kind: 'pod'; readonly pod: PodSeen }
  | { readonly kind: 'pod-gone'; readonly workload: WorkloadKey; readonly pod: string }
  /** The ConfigMap `config-autoscaler`; undefined when there is none. */
  | { readonly kind: 'config'; readonly config: Readonly<Record<string, string>> | undefined }
  /** A whole listing follows; what it does not name is gone. */
  | { readonly kind: 'listing' }
  /** The listing is complete. */
  | { readonly kind: 'listed' }
  /** The platform does not answer; the watch goes on trying by itself. */
  | { readonly kind: 'unseen'; readonly reason: string };

export interface ScaleRequest {
  readonly workload: WorkloadKey;
  readonly replicas: number;
  /** Observed no later than the decision was read; a newer object answers PLATFORM_CONFLICT. */
  readonly resourceVersion: string;
}

export interface ScaleAnswer {
  readonly from: number;
  readonly resourceVersion: string;
}

export interface Platform {
  /** Every change since now, a listing first; reconnects by itself until the signal aborts. */
  watch(signal: AbortSignal): AsyncIterable<PlatformChange>;
  get(workload: WorkloadKey): Promise<WorkloadSeen | undefined>;
  /**
   * Writes `/scale`; rejects with OutsideError PLATFORM_CONFLICT, _GONE, _REFUSED, _UNREACHABLE,
   * and DISK_FULL. After _UNREACHABLE the write may have been taken: read again before deciding.
   */
  scale(request: ScaleRequest): Promise<ScaleAnswer>;
  /** Puts the activator into the path or takes it out. */
  route(workload: WorkloadKey, routing: Routing): Promise<void>;
  close(): Promise<void>;
}

/** The field manager under which Flyball writes replicas. */
export const actuatorFieldManager = 'flyball-actuator';
