/** The decider's state of one partition, and its form in a snapshot. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Assessment } from './assessment.ts';
import type { TickTimes } from './sight.ts';
import type { WorkloadState } from './workload-state.ts';

/**
 * Raised whenever the shape changes, that of the policies within it too: an older snapshot is then
 * refolded from the log, whose events are brought up to today's shape.
 */
export const deciderSnapshotVersion = 3;

export interface DeciderState {
  readonly partition: number;
  readonly workloads: Record<WorkloadKey, WorkloadState>;
  /** The tick that is being decided, over all its parts. */
  tick: DecidedTick;
  /** What the last folded TickObserved gave; empty after anything else, and not in a snapshot. */
  assessed: readonly AssessedWorkload[];
}

/** Counted over all its parts. */
interface DecidedTick extends TickTimes {
  workloads: number;
  decisions: number;
}

export interface AssessedWorkload {
  readonly workload: WorkloadKey;
  readonly assessment: Assessment;
  readonly traceparent: string | null;
}

export interface DeciderSnapshot {
  readonly version: number;
  readonly partition: number;
  readonly workloads: Record<WorkloadKey, WorkloadState>;
  readonly tick: Readonly<DecidedTick>;
}

export const initialDeciderState = (partition: number): DeciderState => ({
  partition,
  workloads: {},
  tick: { atMs: 0, beforeMs: 0, workloads: 0, decisions: 0 },
  assessed: [],
});

/** The state as plain data, shared with the state: serialise it before the next step. */
export const deciderSnapshot = (state: DeciderState): DeciderSnapshot => ({
  version: deciderSnapshotVersion,
  partition: state.partition,
  workloads: state.workloads,
  tick: state.tick,
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a parsed snapshot back; undefined when another version or partition wrote it. */
export const deciderStateFrom = (
  snapshot: unknown,
  partition: number,
): DeciderState | undefined => {
  if (!isRecord(snapshot) || !isRecord(snapshot.workloads) || !isRecord(snapshot.tick)) {
    return undefined;
  }
  if (snapshot.version !== deciderSnapshotVersion || snapshot.partition !== partition) {
    return undefined;
  }
  const { workloads, tick } = snapshot as unknown as DeciderSnapshot;
  return { partition, workloads, tick: { ...tick }, assessed: [] };
};
