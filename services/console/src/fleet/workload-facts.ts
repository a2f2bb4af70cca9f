/** What the fleet shows of a workload beside what its decider knows: who waits, what is wrong. */
import type { RecordedEvent, WorkloadKey } from '@flyball/contracts';
import { instanceOf, oneLine } from '@flyball/reading';
import { setWaiting, type WaitingBy } from '../waiting-by.ts';
import { createSpark, type SparkLine } from './spark.ts';

export interface WorkloadFacts {
  /** Requests that each activator holds. */
  readonly waiting: WaitingBy;
  /** As the last row said that was poked; null at a tick. */
  inFlight: number | null;
  readonly spark: SparkLine;
  /** What was refused or failed and was not mended since; null: nothing. */
  refusal: string | null;
  scaleFailure: string | null;
  routingFailure: string | null;
  /** Why pods cannot run. */
  readonly illPods: Map<string, string>;
}

export type FactsByWorkload = Map<WorkloadKey, WorkloadFacts>;

const noFacts = (): WorkloadFacts => ({
  waiting: new Map(),
  inFlight: null,
  spark: createSpark(),
  refusal: null,
  scaleFailure: null,
  routingFailure: null,
  illPods: new Map(),
});

/** Those of one workload, made where there are none. */
export const factsOf = (facts: FactsByWorkload, workload: WorkloadKey): WorkloadFacts => {
  const known = facts.get(workload) ?? noFacts();
  facts.set(workload, known);
  return known;
};

const foldOwn = (facts: WorkloadFacts, event: RecordedEvent): void => {
  switch (event.type) {
    case 'RequestsCounted':
      setWaiting(facts.waiting, instanceOf(event), event.data.waiting);
      return;
    case 'RequestsLost':
      facts.waiting.delete(event.data.instance);
      return;
    case 'PolicySet':
      facts.refusal = null;
      return;
    case 'PolicyRefused':
      facts.refusal = event.data.complaints
        .map(({ key, value, message }) => `${key}: ${value} ${message}`)
        .join('; ');
      return;
    case 'ScaleApplied':
    case 'ScaleSuperseded':
      facts.scaleFailure = null;
      return;
    case 'ScaleFailed':
      facts.scaleFailure = oneLine(event.data.message);
      return;
    case 'RoutingApplied':
      facts.routingFailure = null;
      return;
    case 'RoutingFailed':
      facts.routingFailure = oneLine(event.data.message);
      return;
    case 'PodUnready':
      if (event.data.reason === 'crashed' || event.data.reason === 'probe-failed')
        facts.illPods.set(event.data.pod, oneLine(event.data.message));
      return;
    case 'PodReady':
    case 'PodGone':
      facts.illPods.delete(event.data.pod);
      return;
    default:
      return;
  }
};

const foldRows = (facts: FactsByWorkload, event: RecordedEvent): void => {
  if (event.type !== 'TickObserved') return;
  const { workloads, inFlight } = event.data.rows;
  for (const [index, workload] of workloads.entries()) {
    // A row may be stored after the workload is gone: it begins nothing.
    const known = facts.get(workload);
    if (known !== undefined) known.inFlight = inFlight[index] ?? null;
  }
};

/** Folds an event of the partition into the facts, in place. */
export const foldFacts = (facts: FactsByWorkload, event: RecordedEvent): void => {
  const { workload } = event;
  if (workload === undefined) foldRows(facts, event);
  else if (event.type === 'WorkloadGone') facts.delete(workload);
  else foldOwn(factsOf(facts, workload), event);
};
