/** The workloads that a verb was asked for, out of the states of their partitions. */
import { partitionOf, type WorkloadKey, workloadKey } from '@flyball/contracts';
import { type DecidedWorkload, type DeciderState, decidedState } from '@flyball/domain';
import type { Reader } from './reader.ts';

export interface ShownWorkload extends DecidedWorkload {
  /** How old the averages are; null before the first one. */
  readonly dataAgeMs: number | null;
}

/** As of the last tick, or of when it could last be measured. */
const dataAgeMs = (workload: DecidedWorkload, nowMs: number): number | null => {
  const { seen, coveredAtMs, tickAtMs } = workload;
  const asOfMs = seen === 'blind' ? coveredAtMs : tickAtMs;
  return asOfMs === null || asOfMs === 0 ? null : Math.max(0, nowMs - asOfMs);
};

/** A workload with the age of what is known of it. */
export const shownWorkload = (workload: DecidedWorkload, nowMs: number): ShownWorkload => ({
  ...workload,
  dataAgeMs: dataAgeMs(workload, nowMs),
});

/** The partitions in which the wanted workloads are; all without a name. */
export const partitionsOf = (
  { partitionCount }: Reader,
  workload: WorkloadKey | undefined,
): readonly number[] =>
  workload === undefined
    ? Array.from({ length: partitionCount }, (_, partition) => partition)
    : [partitionOf(workload, partitionCount)];

const keyOf = ({ namespace, name }: DecidedWorkload): WorkloadKey => workloadKey(namespace, name);

/** By namespace and name. */
export const byName = <Workload extends DecidedWorkload>(
  workloads: readonly Workload[],
): Workload[] => [...workloads].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/**
 * Of a partition's state, the wanted workloads (all without a name); plain data that no later event
 * changes. The mode is that of the last recorded decision: folding a tick finds one too, which
 * nobody has decided while the decider is away.
 */
export const wantedOf = (
  state: DeciderState,
  workload?: WorkloadKey | undefined,
): readonly DecidedWorkload[] =>
  decidedState(state)
    .filter((one) => workload === undefined || keyOf(one) === workload)
    .map((one) => ({ ...one, mode: state.workloads[keyOf(one)]?.last?.mode ?? 'stable' }));
