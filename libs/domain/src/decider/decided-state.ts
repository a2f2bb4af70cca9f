/** What `get` shows of each workload, read from the decider's folded state. */
import {
  type Mode,
  type Routing,
  type Seen,
  type WorkloadKey,
  workloadName,
} from '@flyball/contracts';
import type { DeciderState } from './decider-state.ts';
import type { WorkloadState } from './workload-state.ts';

export interface DecidedWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly desiredReplicas: number;
  readonly readyReplicas: number;
  readonly mode: Mode;
  readonly stableAverage: number | null;
  readonly panicAverage: number | null;
  /** What one pod is asked to take; null without a policy. */
  readonly target: number | null;
  readonly minScale: number | null;
  /** 0 is unlimited. */
  readonly maxScale: number | null;
  /** As applied; as decided while nothing was applied yet. */
  readonly routing: Routing | null;
  readonly lastDecision: {
    readonly id: string;
    readonly atMs: number;
    readonly from: number | null;
    readonly to: number;
    readonly reason: string;
  } | null;
  readonly seen: Seen;
  /** The newest second that any source covered, as the last row said. */
  readonly coveredAtMs: number | null;
  /** The last tick of the partition: the averages are as of then. */
  readonly tickAtMs: number;
}

const decidedWorkload = (
  key: WorkloadKey,
  workload: WorkloadState,
  tickAtMs: number,
): DecidedWorkload => {
  const { policy, last } = workload;
  return {
    ...workloadName(key),
    desiredReplicas: last?.to ?? workload.asked,
    readyReplicas: workload.readyPods,
    mode: workload.memory.panicSinceMs === null ? 'stable' : 'panic',
    stableAverage: workload.stableAverage,
    panicAverage: workload.panicAverage,
    target: policy?.targetValue ?? null,
    minScale: policy?.minScale ?? null,
    maxScale: policy?.maxScale ?? null,
    routing: workload.routing?.applied ?? last?.routing ?? null,
    lastDecision:
      last === null
        ? null
        : { id: last.id, atMs: last.atMs, from: last.from, to: last.to, reason: last.reason },
    seen: workload.seen,
    coveredAtMs: workload.coveredAtMs,
    tickAtMs,
  };
};

/** All workloads that are under Flyball, by namespace and name. */
export const decidedState = (state: DeciderState): DecidedWorkload[] =>
  Object.keys(state.workloads)
    .sort()
    .flatMap((key) => {
      const workload = state.workloads[key as WorkloadKey];
      if (workload === undefined || workload.uid === null) return [];
      return [decidedWorkload(key as WorkloadKey, workload, state.tick.atMs)];
    });
