/** What runs the pods, as the stages see it: list, watch, scale, route. */
import type { Routing, WorkloadKey } from '@flyball/contracts';
import type { Observation, ObservedPod, ObservedWorkload } from '@flyball/domain';

/** A workload, a pod and a change as the watcher's stage takes them. */
export type WorkloadSeen = ObservedWorkload;
export type PodSeen = ObservedPod;
/** Level, not edge: each says how something is now; a listing after a loss repeats what is. */
export type PlatformChange = Observation;

export interface ScaleRequest {
  readonly workload: WorkloadKey;
  readonly replicas: number;
  /** Observed no later than the decision was read; a newer object answers PLATFORM_CONFLICT. */
  readonly resourceVersion: string;
  /** W3C trace context of the write's own span, sent along as a header of that name. */
  readonly traceparent?: string;
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
