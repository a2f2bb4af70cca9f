/** A tick or a poke: its rows are taken in, and whom it concerns is evaluated. */
import type { FlyballEvent, TickRows, WorkloadKey } from '@flyball/contracts';
import { algorithmOf } from './algorithm/versions.ts';
import type { Assessment } from './assessment.ts';
import { changesOf } from './changes.ts';
import type { AssessedWorkload, DeciderState } from './decider-state.ts';
import { noteAverages, noteTick } from './sight.ts';
import type { Memory, WorkloadState } from './workload-state.ts';

/** Classes that another controller, or nobody, scales. */
const ourClass = 'kpa.autoscaling.knative.dev';

const averageOf = (milli: number | null | undefined): number | null =>
  milli === null || milli === undefined ? null : milli / 1000;

const takeRow = (workload: WorkloadState, rows: TickRows, index: number, atMs: number): void => {
  workload.stableAverage = averageOf(rows.stableMilli[index]);
  workload.panicAverage = averageOf(rows.panicMilli[index]);
  workload.seen = rows.seen[index] ?? 'blind';
  workload.coveredAtMs = rows.coveredAtMs[index] ?? null;
  workload.measuredSinceMs =
    workload.seen === 'measured' ? (workload.measuredSinceMs ?? atMs) : null;
  noteAverages(workload, atMs);
};

/** Adoption ends when it has been measured without a break for a whole stable window. */
const settleAdoption = (workload: WorkloadState, atMs: number): void => {
  const { measuredSinceMs, policy } = workload;
  if (workload.adopting === null || measuredSinceMs === null || policy === null) return;
  if (atMs - measuredSinceMs >= policy.stableWindowMs) workload.adopting = null;
};

/** This evaluation went by what it has just put behind it: the next one may answer otherwise. */
const turned = (before: Memory, after: Memory): boolean =>
  before.initialised !== after.initialised || before.activity.kind !== after.activity.kind;

/** What time alone may still change: such a workload is evaluated at each tick. */
const timeMayMove = (workload: WorkloadState, found: Assessment): boolean =>
  found.memory.panicSinceMs !== null ||
  found.memory.activity.kind === 'activating' ||
  found.memory.delaySlots.length > 0 ||
  workload.adopting !== null ||
  (found.desired === 0 && found.to > 0) ||
  changesOf(workload, found).later;

const evaluate = (
  workload: WorkloadState,
  moment: { readonly atMs: number; readonly inFlight: number | null },
): Assessment | undefined => {
  const { policy, policyId } = workload;
  const ours = workload.uid !== null && policy !== null && policy.class === ourClass;
  workload.pending = false;
  if (!ours || policyId === null) return undefined;
  const assess = algorithmOf(policy.algorithm);
  if (assess === undefined) return undefined;
  settleAdoption(workload, moment.atMs);
  const found = assess(workload, policy, { ...moment, policyId });
  const hasTurned = turned(workload.memory, found.memory);
  workload.memory = found.memory;
  // What is in flight now counts at a poke only: the next tick judges without it.
  const wasPoked = moment.inFlight !== null;
  workload.pending = hasTurned || wasPoked || timeMayMove(workload, found);
  return found;
};

/** Folds a TickObserved and leaves what it found in `assessed`. Changes the state in place. */
export const foldTick = (state: DeciderState, event: FlyballEvent<'TickObserved'>): void => {
  const { kind, part, parts, rows } = event.data;
  const { atMs } = event;
  const assessed: AssessedWorkload[] = [];
  const isTick = kind === 'tick';
  // Of a tick in parts a reader of one workload may have any one alone.
  if (isTick && (part === 1 || atMs !== state.tick.atMs)) {
    state.tick = { atMs, beforeMs: state.tick.atMs, workloads: 0, decisions: 0 };
  }
  const look = (
    workload: WorkloadKey,
    known: WorkloadState,
    inFlight: number | null,
    traceparent: string | null,
  ): void => {
    if (isTick) known.tickedAtMs = atMs;
    const assessment = evaluate(known, { atMs, inFlight });
    if (assessment !== undefined) assessed.push({ workload, assessment, traceparent });
  };
  for (const [index, workload] of rows.workloads.entries()) {
    const known = state.workloads[workload];
    if (known === undefined) continue;
    takeRow(known, rows, index, atMs);
    if (isTick) noteTick(known, state.tick);
    look(workload, known, rows.inFlight[index] ?? null, rows.traceparents[index] ?? null);
  }
  if (isTick && part === parts) {
    for (const [workload, known] of Object.entries(state.workloads)) {
      if (known.tickedAtMs === atMs) continue;
      noteTick(known, state.tick);
      if (!known.pending) continue;
      look(workload as WorkloadKey, known, null, null);
    }
  }
  if (isTick) state.tick.workloads += assessed.length;
  state.assessed = assessed;
};
