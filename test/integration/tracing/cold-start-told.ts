/** A cold start as the log has it, and as spans tell it. */
import type { RecordedEvent, WorkloadKey } from '@flyball/contracts';
import { attributeNames, contextFrom, type FinishedSpan, type Phase } from '@flyball/telemetry';
import { type Batch, type Recorded, type TracedMachine, until } from './traced-machine.ts';

/** Phases that a request meets once; the others are met at each poke. */
export const phasesOnce = [
  ...(['received', 'held', 'pod created', 'pod started', 'pod ready'] as const),
  ...(['connect', 'first byte', 'last byte'] as const),
] satisfies readonly Phase[];
export const phasesOfPokes = ['sample', 'fold', 'tick'] as const satisfies readonly Phase[];

export interface ColdStartTold {
  readonly completed: Recorded<'ColdStartCompleted'>;
  /** The decision for its pods, and what was applied for it. */
  readonly decided: Recorded<'Decided'>;
  readonly applied: Recorded<'ScaleApplied'>;
  /** All decisions and actions of its trace: a reason may change while it waits. */
  readonly decisions: readonly RecordedEvent[];
  readonly actions: readonly RecordedEvent[];
  /** Pokes that carried the request's trace, and the batches of samples that did. */
  readonly pokes: readonly Recorded<'TickObserved'>[];
  readonly batches: readonly Batch[];
  /** The request's own span. */
  readonly request: { readonly traceId: string; readonly spanId: string };
}

const carries = (
  rows: { readonly workloads: readonly string[]; readonly traceparents: readonly unknown[] },
  workload: WorkloadKey,
  traceparent: string,
): boolean => rows.traceparents[rows.workloads.indexOf(workload)] === traceparent;

/** Waits until the cold start is complete in the log; gives what was written of it. */
export const coldStartIn = async (
  machine: TracedMachine,
  workload: WorkloadKey,
): Promise<ColdStartTold> => {
  const completed = await until(`${workload} has started`, async () =>
    (await machine.of(workload, 'ColdStartCompleted')).at(0),
  );
  const { traceparent = '' } = completed;
  const context = contextFrom(traceparent);
  if (context === undefined) throw new Error(`ColdStartCompleted has no trace: ${traceparent}`);
  const request = { traceId: context.traceId, spanId: context.spanId };
  const events = await machine.events();
  const own = events.filter((event) => event.traceparent === traceparent);
  const decided = own.find((event) => event.type === 'Decided' && event.data.to > 0);
  const applied = own.find((event) => event.type === 'ScaleApplied');
  if (decided?.type !== 'Decided' || applied?.type !== 'ScaleApplied') {
    throw new Error(`nothing was decided and applied for ${traceparent}`);
  }
  const decisions = own.filter(({ pen }) => pen === 'decisions');
  const actions = own.filter(({ pen }) => pen === 'actions');
  const pokes = events.filter(
    (event): event is Recorded<'TickObserved'> =>
      event.type === 'TickObserved' && carries(event.data.rows, workload, traceparent),
  );
  const batches = (await machine.batches()).filter(({ data }) =>
    carries(data.rows, workload, traceparent),
  );
  return { completed, decided, applied, decisions, actions, pokes, batches, request };
};

const phaseOf = ({ attributes }: FinishedSpan) => attributes[attributeNames.phase];
export const named = (spans: readonly FinishedSpan[], phase: string): readonly FinishedSpan[] =>
  spans.filter((span) => phaseOf(span) === phase);
export const ids = (spans: readonly FinishedSpan[]): readonly string[] =>
  spans.map(({ spanId }) => spanId).toSorted();
