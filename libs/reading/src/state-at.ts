/** What the decider knew of a workload at a past moment, folded from the workload's own record. */
import { partitionOf, type RecordedEvent, type WorkloadKey } from '@flyball/contracts';
import { type DeciderState, decider, replayInputs, type WorkloadState } from '@flyball/domain';
import { foldRecorded } from './partition-view.ts';
import type { Reader } from './reader.ts';
import { readRecordedWorkload, readTicks } from './recorded-workload.ts';

export interface StateAt {
  /** The partition's state with no other workload in it. */
  readonly state: DeciderState;
  /** Undefined before it appeared and after it was gone. */
  readonly workload: WorkloadState | undefined;
  /** False when it had not been seen by then. */
  readonly hasAppeared: boolean;
  /** The last event that was folded; 0 for none. */
  readonly throughSeq: number;
  /** The decision in force: the last that was made by then. */
  readonly decision: Extract<RecordedEvent, { type: 'Decided' }> | undefined;
}

/** Activators stamp with a clock of their own: they do not say where a moment is in the log. */
const marksTime = ({ pen }: RecordedEvent): boolean =>
  pen === 'ticks' || pen === 'platform' || pen === 'policy' || pen === 'actions';

const isDecision = (event: RecordedEvent) => event.type === 'Decided';

/** Everything up to the first event after the moment, and the decisions that followed from it. */
const eventsUntil = (events: readonly RecordedEvent[], atMs: number): readonly RecordedEvent[] => {
  const later = events.findIndex((event) => marksTime(event) && event.atMs > atMs);
  const end = later === -1 ? events.length : later;
  const taken = new Set(events.slice(0, end).map(({ id }) => id));
  return events.filter((event, index) =>
    isDecision(event) ? taken.has(event.causationId ?? '') : index < end,
  );
};

/** A decision on another workload that had the same name before is none of this one. */
export const inForce = <Decision>(
  workload: WorkloadState | undefined,
  newest: Decision | undefined,
): Decision | undefined => (workload?.last === null ? undefined : newest);

/** Folds the workload's record up to a moment (UTC ms). */
export const readStateAt = async (
  reader: Reader,
  workload: WorkloadKey,
  { atMs, signal }: { readonly atMs: number; readonly signal: AbortSignal },
): Promise<StateAt> => {
  const partition = partitionOf(workload, reader.partitionCount);
  const ticks = await readTicks(reader, partition, signal);
  const { history } = await readRecordedWorkload(reader, workload, { ticks, signal });
  const events = eventsUntil(replayInputs(history), atMs);
  const state = foldRecorded(decider.initialState(partition), events);
  const known = state.workloads[workload];
  return {
    state,
    workload: known,
    hasAppeared: events.some(({ type }) => type === 'WorkloadAppeared'),
    throughSeq: events.findLast((event) => !isDecision(event))?.seq ?? 0,
    decision: inForce(
      known,
      events.findLast((event) => event.type === 'Decided'),
    ),
  };
};
