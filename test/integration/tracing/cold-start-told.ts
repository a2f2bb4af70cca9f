/** A cold start as the log has it, and as spans tell it. */
import type { WorkloadKey } from '@flyball/contracts';
import { attributeNames, contextFrom, type FinishedSpan, type Phase } from '@flyball/telemetry';
import { type Batch, type Recorded, type TracedMachine, until } from './traced-machine.ts';

/** Phases that a request meets once; the others are met at each poke. */
export const phasesOnce = [
  ...['received', 'held', 'decide', 'apply', 'pod created', 'pod started', 'pod ready'],
  ...['connect', 'first byte', 'last byte'],
] as const satisfies readonly string[];
export const phasesOfPokes = ['sample', 'fold', 'tick'] as const satisfies readonly Phase[];

export interface ColdStartTold {
  readonly completed: Recorded<'ColdStartCompleted'>;
  readonly decided: Recorded<'Decided'>;
  readonly applied: Recorded<'ScaleApplied'>;
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
  const of = <Name extends Recorded<'Decided'>['type'] | 'ScaleApplied'>(type: Name) => {
    const found = events.find(
      (event) => event.type === type && event.traceparent === traceparent,
    ) as Recorded<Name> | undefined;
    if (found === undefined) throw new Error(`no ${type} of ${traceparent}`);
    return found;
  };
  const pokes = events.filter(
    (event): event is Recorded<'TickObserved'> =>
      event.type === 'TickObserved' && carries(event.data.rows, workload, traceparent),
  );
  const batches = (await machine.batches()).filter(({ data }) =>
    carries(data.rows, workload, traceparent),
  );
  const [decided, applied] = [of('Decided'), of('ScaleApplied')];
  return { completed, decided, applied, pokes, batches, request };
};

export const phaseOf = ({ attributes }: FinishedSpan) => attributes[attributeNames.phase];
export const named = (spans: readonly FinishedSpan[], phase: string): readonly FinishedSpan[] =>
  spans.filter((span) => phaseOf(span) === phase);
export const ids = (spans: readonly FinishedSpan[]): readonly string[] =>
  spans.map(({ spanId }) => spanId).toSorted();
