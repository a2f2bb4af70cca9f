/** The fleet as it is seen: folded from every partition, drawn when somebody looks. */
import type { RecordedEvent, WorkloadKey } from '@flyball/contracts';
import type { RecordedTick } from '@flyball/domain';
import { isDeciderSilent, type PartitionNews } from '@flyball/reading';
import type { Fleet } from './fleet.ts';
import { createPartitionFleet, type PartitionFleet } from './partition-fleet.ts';

/** Five ticks: its windower is silent. */
const windowerSilentMs = 10_000;

/** What the log knows from before a view. */
export interface Before {
  readonly before: readonly RecordedEvent[];
  readonly ticks: readonly RecordedTick[];
}

export interface FleetSight {
  /** A log with this many partitions, none of them caught up. */
  open(partitionCount: number): void;
  begin(partition: number, news: PartitionNews, before: Before): void;
  take(partition: number, news: PartitionNews): void;
  /** Partitions that have not caught up yet. */
  behind(): readonly number[];
  /** The newest tick of each partition. */
  tickAtMs(): readonly (number | null)[];
  /** Whose silence there is to tell of; null: nobody's. */
  silence(nowMs: number): string | null;
  /** Calls back at everything that concerns the workload; gives what ends it. */
  onMoved(workload: WorkloadKey, listener: () => void): () => void;
  /** Brings the rows up to what was folded: whoever is about to tell of them. */
  draw(): void;
}

interface Slot {
  readonly fleet: PartitionFleet;
  hasBegun: boolean;
  /** Something was folded since its rows were drawn. */
  isStale: boolean;
}

type Listeners = Map<WorkloadKey, Set<() => void>>;

const workloadsIn = (event: RecordedEvent): readonly WorkloadKey[] => {
  if (event.workload !== undefined) return [event.workload];
  return event.type === 'TickObserved' ? event.data.rows.workloads : [];
};

const tellMoved = (listeners: Listeners, { events }: PartitionNews): void => {
  if (listeners.size === 0) return;
  const moved = new Set(events.flatMap(workloadsIn));
  for (const workload of moved) {
    for (const listener of listeners.get(workload) ?? []) listener();
  }
};

const namesOf = (partitions: readonly number[]): string =>
  `${partitions.length === 1 ? 'partition' : 'partitions'} ${partitions.join(', ')}`;

/** A clock that jumped ahead is not told from a silence: both are worth a look. */
const silenceIn = (slots: readonly Slot[], nowMs: number): string | null => {
  const silent = (isSilent: (fleet: PartitionFleet) => boolean): readonly number[] =>
    slots.flatMap(({ fleet, hasBegun }, at) => (hasBegun && isSilent(fleet) ? [at] : []));
  const windowers = silent(
    ({ tickAtMs }) => tickAtMs !== null && nowMs - tickAtMs > windowerSilentMs,
  );
  const noTick = `No tick for more than ${windowerSilentMs / 1_000} s`;
  if (windowers.length > 0) return `${noTick}: the windower of ${namesOf(windowers)} is silent.`;
  const deciders = silent(
    ({ tickAtMs, decidedAtMs }) => tickAtMs !== null && isDeciderSilent(tickAtMs, decidedAtMs ?? 0),
  );
  return deciders.length === 0
    ? null
    : `The decider of ${namesOf(deciders)} is silent: shown is what is recorded.`;
};

export const createFleetSight = (fleet: Fleet): FleetSight => {
  let slots: Slot[] = [];
  const listeners: Listeners = new Map();

  return {
    open: (partitionCount) => {
      fleet.clear();
      slots = Array.from({ length: partitionCount }, (_, partition) => ({
        fleet: createPartitionFleet(partition),
        hasBegun: false,
        isStale: false,
      }));
    },
    begin: (partition, news, { before, ticks }) => {
      const slot = slots[partition];
      if (slot === undefined) return;
      slot.fleet.begin(news, before, ticks);
      slot.hasBegun = true;
      slot.isStale = true;
      tellMoved(listeners, news);
    },
    take: (partition, news) => {
      const slot = slots[partition];
      if (slot === undefined) return;
      slot.fleet.take(news);
      slot.isStale = true;
      tellMoved(listeners, news);
    },
    behind: () => slots.flatMap(({ hasBegun }, partition) => (hasBegun ? [] : [partition])),
    tickAtMs: () => slots.map((slot) => slot.fleet.tickAtMs),
    silence: (nowMs) => silenceIn(slots, nowMs),
    onMoved: (workload, listener) => {
      const own = listeners.get(workload) ?? new Set();
      listeners.set(workload, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0 && listeners.get(workload) === own) listeners.delete(workload);
      };
    },
    draw: () => {
      for (const [partition, slot] of slots.entries()) {
        if (slot.isStale) fleet.set(partition, slot.fleet.rows());
        slot.isStale = false;
      }
    },
  };
};
