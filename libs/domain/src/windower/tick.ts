/** Says what changed: the rows of a tick or a poke, in messages of at most `tickRowsMax` rows. */
import {
  eventFrom,
  type FlyballEvent,
  type Seen,
  type TickRows,
  tickRowsMax,
} from '@flyball/contracts';
import { averagesAt } from '../windows/averages.ts';
import { averagesWithPending, isBlindIn, seenAt } from './evaluate.ts';
import { pokeInputId, tickInputId, windowerSource } from './input.ts';
import type { PokeWanted, SentRow, WindowedWorkload, WindowerState } from './state.ts';

type Row = {
  readonly [Column in keyof TickRows]: TickRows[Column][number];
};

const inColumns = (rows: readonly Row[]): TickRows => ({
  workloads: rows.map((row) => row.workloads),
  stableMilli: rows.map((row) => row.stableMilli),
  panicMilli: rows.map((row) => row.panicMilli),
  seen: rows.map((row) => row.seen),
  coveredAtMs: rows.map((row) => row.coveredAtMs),
  inFlight: rows.map((row) => row.inFlight),
  traceparents: rows.map((row) => row.traceparents),
});

const changed = (sent: SentRow | undefined, row: SentRow): boolean =>
  sent === undefined ||
  sent.stableMilli !== row.stableMilli ||
  sent.panicMilli !== row.panicMilli ||
  sent.seen !== row.seen;

const rowAtTick = (
  state: WindowerState,
  workload: WindowedWorkload,
  boundarySecond: number,
): Row | undefined => {
  const averages = averagesAt(workload.stable, workload.panic, boundarySecond - 1);
  const sees: Seen = seenAt(state, workload, boundarySecond);
  if (!changed(workload.sent, { ...averages, seen: sees })) return undefined;
  const covered = workload.committedCoveredSecond;
  return {
    workloads: workload.key,
    ...averages,
    seen: sees,
    coveredAtMs: covered < 0 ? null : covered * 1000,
    inFlight: null,
    traceparents: null,
  };
};

interface Said {
  readonly kind: 'tick' | 'poke';
  readonly atMs: number;
  readonly inputId: (part: number) => string;
  readonly rows: readonly Row[];
}

const inParts = (state: WindowerState, said: Said): FlyballEvent<'TickObserved'>[] => {
  const parts = Math.max(1, Math.ceil(said.rows.length / tickRowsMax));
  return Array.from({ length: parts }, (_, index) =>
    eventFrom({
      type: 'TickObserved',
      pen: 'ticks',
      partition: state.partition,
      source: windowerSource,
      cause: { id: said.inputId(index + 1), atMs: said.atMs },
      data: {
        kind: said.kind,
        part: index + 1,
        parts,
        samplesThroughSeq: state.samplesThroughSeq,
        eventsThroughSeq: state.eventsThroughSeq,
        rows: inColumns(said.rows.slice(index * tickRowsMax, (index + 1) * tickRowsMax)),
      },
    }),
  );
};

/** The tick that is due: always at least one part, for a silent windower is not a calm one. */
export const tickEvents = (
  state: WindowerState,
  dueAtMs: number,
): readonly FlyballEvent<'TickObserved'>[] => {
  const boundarySecond = Math.floor(dueAtMs / 1000);
  const rows: Row[] = [];
  for (const workload of state.workloads.values()) {
    if (workload.policy === undefined) continue;
    const row = rowAtTick(state, workload, boundarySecond);
    if (row !== undefined) rows.push(row);
  }
  return inParts(state, {
    kind: 'tick',
    atMs: Math.max(state.observedAtMs, dueAtMs),
    inputId: (part) => tickInputId(dueAtMs, part),
    rows,
  });
};

const rowAtPoke = (
  state: WindowerState,
  workload: WindowedWorkload,
  { atMs, wanted }: { atMs: number; wanted: PokeWanted['rows'][number] },
): Row => {
  const covered = workload.coveredSecond;
  // A whole second arrives in the next one, of which nothing is known yet.
  const nowSecond = Math.min(Math.floor(atMs / 1000), covered);
  return {
    workloads: workload.key,
    ...averagesWithPending(state, workload, nowSecond),
    // The batch that pokes has just covered it; it may have come to say that it is blind.
    seen: isBlindIn(state, workload, covered) ? 'blind' : 'measured',
    coveredAtMs: covered < 0 ? null : covered * 1000,
    inFlight: wanted.inFlight,
    traceparents: wanted.traceparent,
  };
};

/** The poke that the last batch asked for. */
export const pokeEvents = (
  state: WindowerState,
  poke: PokeWanted,
): readonly FlyballEvent<'TickObserved'>[] =>
  inParts(state, {
    kind: 'poke',
    atMs: poke.atMs,
    inputId: (part) => pokeInputId(poke.samplesSeq, part),
    rows: poke.rows.flatMap((wanted) => {
      const workload = state.workloads.get(wanted.workload);
      return workload === undefined
        ? []
        : [rowAtPoke(state, workload, { atMs: poke.atMs, wanted })];
    }),
  });
