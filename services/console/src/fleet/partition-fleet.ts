/** The rows of one partition, folded from what its follower learns. */
import { type RecordedEvent, type WorkloadKey, workloadKey } from '@flyball/contracts';
import type { DeciderState, RecordedTick } from '@flyball/domain';
import { type PartitionNews, wantedOf } from '@flyball/reading';
import type { FleetRow } from '../wire.ts';
import { fleetRow } from './fleet-row.ts';
import { type FactsByWorkload, factsOf, foldFacts } from './workload-facts.ts';

export interface PartitionFleet {
  /** Begins anew: with the facts that the log keeps from before, oldest first, and its ticks. */
  begin(
    news: PartitionNews,
    before: readonly RecordedEvent[],
    ticks: readonly RecordedTick[],
  ): void;
  take(news: PartitionNews): void;
  /** Of everything under Flyball, as it is now. */
  rows(): readonly (readonly [WorkloadKey, FleetRow])[];
  /** The newest tick, UTC ms; null before the first one. */
  readonly tickAtMs: number | null;
  /** The newest tick on which all decisions are recorded; null before the first one. */
  readonly decidedAtMs: number | null;
}

/** The last part of a tick: the averages of all workloads are those of that moment. */
const endsTick = (event: RecordedEvent): boolean =>
  event.type === 'TickObserved' &&
  event.data.kind === 'tick' &&
  event.data.part === event.data.parts;

const milli = 1_000;

/** The averages of ticks that are still in the log: what the sparklines begin with. */
const pushTicks = (facts: FactsByWorkload, ticks: readonly RecordedTick[]): void => {
  const averages = new Map<WorkloadKey, number | null>();
  for (const tick of ticks) {
    const { workloads, panicMilli } = tick.data.rows;
    for (const [index, workload] of workloads.entries()) {
      const average = panicMilli[index] ?? null;
      averages.set(workload, average === null ? null : average / milli);
    }
    if (!endsTick(tick)) continue;
    for (const [workload, average] of averages) facts.get(workload)?.spark.push(average);
  }
};

const pushState = (facts: FactsByWorkload, { workloads }: DeciderState): void => {
  for (const [workload, { panicAverage }] of Object.entries(workloads)) {
    factsOf(facts, workload as WorkloadKey).spark.push(panicAverage);
  }
};

export const createPartitionFleet = (partition: number): PartitionFleet => {
  let facts: FactsByWorkload = new Map();
  let state: DeciderState | undefined;
  let decidedAtMs: number | null = null;

  const fold = (event: RecordedEvent): void => {
    foldFacts(facts, event);
    if (event.type === 'DecidedThrough') decidedAtMs = event.data.tickAtMs;
  };
  /** What is told of a workload after it is gone; one that comes back begins anew. */
  const forgetUnknown = (workload: WorkloadKey | undefined): void => {
    if (workload !== undefined && state?.workloads[workload] === undefined) facts.delete(workload);
  };
  return {
    begin: (news, before, ticks) => {
      facts = new Map();
      decidedAtMs = null;
      ({ state } = news);
      for (const workload of Object.keys(state.workloads)) factsOf(facts, workload as WorkloadKey);
      for (const event of [...before, ...news.events]) fold(event);
      for (const workload of facts.keys()) forgetUnknown(workload);
      // Of a decider that has said nothing since the view: it is silent only when ticks go on.
      decidedAtMs ??= news.state.tick.atMs;
      pushTicks(facts, ticks);
    },
    take: (news) => {
      ({ state } = news);
      for (const event of news.events) fold(event);
      for (const { workload } of news.events) forgetUnknown(workload);
      if (news.events.some(endsTick)) pushState(facts, news.state);
    },
    rows: () => {
      if (state === undefined) return [];
      const { workloads } = state;
      return wantedOf(state).flatMap((workload) => {
        const key = workloadKey(workload.namespace, workload.name);
        const known = workloads[key];
        if (known === undefined) return [];
        return [[key, fleetRow(partition, workload, known, factsOf(facts, key))] as const];
      });
    },
    get tickAtMs() {
      return state === undefined || state.tick.atMs === 0 ? null : state.tick.atMs;
    },
    get decidedAtMs() {
      return decidedAtMs;
    },
  };
};
