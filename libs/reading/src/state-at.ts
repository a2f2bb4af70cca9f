/** What the decider knew of a workload at a past moment, folded from the workload's own record. */
import { partitionOf, type RecordedEvent, type WorkloadKey } from '@flyball/contracts';
import {
  type DeciderState,
  decider,
  type WorkloadHistory,
  type WorkloadState,
} from '@flyball/domain';
import type { Reader } from './reader.ts';
import { readRecordedWorkload, readTicks } from './recorded-workload.ts';
import { replayedInputs } from './replayed-inputs.ts';

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

type Decided = Extract<RecordedEvent, { type: 'Decided' }>;

const isDecision = (event: RecordedEvent): event is Decided => event.type === 'Decided';

const newer = (one: Decided, other: Decided | undefined): Decided =>
  other === undefined || other.seq < one.seq ? one : other;

/** Everything up to the first event after the moment, and the decisions that followed from it. */
const foldUntil = (
  state: DeciderState,
  history: WorkloadHistory,
  atMs: number,
): Omit<StateAt, 'workload'> => {
  const decided = Map.groupBy(history.events.filter(isDecision), ({ causationId }) => causationId);
  let folded = state;
  let found: Omit<StateAt, 'workload' | 'state'> = {
    ...{ hasAppeared: false, throughSeq: 0, decision: undefined },
  };
  for (const event of replayedInputs(history)) {
    if (isDecision(event)) continue;
    if (marksTime(event) && event.atMs > atMs) break;
    folded = decider.evolve(folded, event);
    const hasAppeared = found.hasAppeared || event.type === 'WorkloadAppeared';
    let { decision } = found;
    for (const one of decided.get(event.id) ?? []) {
      folded = decider.evolve(folded, one);
      decision = newer(one, decision);
    }
    found = { hasAppeared, throughSeq: event.seq, decision };
  }
  return { state: folded, ...found };
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
  const found = foldUntil(decider.initialState(partition), history, atMs);
  const known = found.state.workloads[workload];
  return { ...found, workload: known, decision: inForce(known, found.decision) };
};
