/** The fleet as it is seen: folded from every partition, drawn anew a little after each change. */
import type { RecordedEvent, WorkloadKey } from '@flyball/contracts';
import type { RecordedTick } from '@flyball/domain';
import type { PartitionNews } from '@flyball/reading';
import type { Clock } from '@flyball/service';
import type { Fleet } from './fleet.ts';
import { createPartitionFleet, type PartitionFleet } from './partition-fleet.ts';

/** Changes that come this close together are drawn together. */
const gatherMs = 200;
/** A decider this far behind its ticks is silent, not content. */
const deciderSilentMs = 3_000;
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
  close(): void;
}

interface Slot {
  readonly fleet: PartitionFleet;
  hasBegun: boolean;
  /** Ends the wait for the drawing; undefined: none is due. */
  cancel: (() => void) | undefined;
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
    ({ tickAtMs, decidedAtMs }) =>
      tickAtMs !== null && tickAtMs - (decidedAtMs ?? 0) > deciderSilentMs,
  );
  return deciders.length === 0
    ? null
    : `The decider of ${namesOf(deciders)} is silent: shown is what is recorded.`;
};

export const createFleetSight = (fleet: Fleet, clock: Clock): FleetSight => {
  let slots: Slot[] = [];
  const listeners: Listeners = new Map();

  const close = (): void => {
    for (const slot of slots) slot.cancel?.();
    slots = [];
  };
  const draw = (partition: number, slot: Slot): void => {
    slot.cancel = undefined;
    fleet.set(partition, slot.fleet.rows());
  };
  const drawSoon = (partition: number, slot: Slot): void => {
    slot.cancel ??= clock.after(gatherMs, () => draw(partition, slot));
  };
  return {
    open: (partitionCount) => {
      close();
      fleet.clear();
      slots = Array.from({ length: partitionCount }, (_, partition) => ({
        fleet: createPartitionFleet(partition),
        hasBegun: false,
        cancel: undefined,
      }));
    },
    begin: (partition, news, { before, ticks }) => {
      const slot = slots[partition];
      if (slot === undefined) return;
      slot.fleet.begin(news, before, ticks);
      slot.hasBegun = true;
      slot.cancel?.();
      draw(partition, slot);
      tellMoved(listeners, news);
    },
    take: (partition, news) => {
      const slot = slots[partition];
      if (slot === undefined) return;
      slot.fleet.take(news);
      drawSoon(partition, slot);
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
    close,
  };
};
