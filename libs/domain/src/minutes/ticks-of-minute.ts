/** Reads a recorded minute back into the TickObserved that evaluated its workload. */
import type {
  FlyballEvent,
  MinuteRecordedData,
  RecordedEvent,
  Seen,
  TickRows,
  WorkloadKey,
} from '@flyball/contracts';
import { windowerSource } from '../windower/input.ts';
import type { MinuteTick } from './minute.ts';
import { beginMinute, type MinuteRecomputation, recomputeMinute } from './recompute.ts';
import { usualTickId } from './record-minute.ts';
import { fromDifferences, fromRuns } from './runs.ts';
import { tickTimesOf } from './tick-times.ts';

export type RecordedMinute = FlyballEvent<'MinuteRecorded'>;
export type RecordedTick = Extract<RecordedEvent, { type: 'TickObserved' }>;

const noRows: TickRows = {
  workloads: [],
  stableMilli: [],
  panicMilli: [],
  seen: [],
  coveredAtMs: [],
  inFlight: [],
  traceparents: [],
};

const rowsOf = (workload: WorkloadKey, { row }: MinuteTick): TickRows =>
  row === undefined
    ? noRows
    : {
        workloads: [workload],
        stableMilli: [row.stableMilli],
        panicMilli: [row.panicMilli],
        seen: [row.seen],
        coveredAtMs: [row.coveredAtMs],
        inFlight: [row.inFlight],
        traceparents: [row.traceparent],
      };

/** The message as the decider took it, with no row but this workload's. */
export const tickMessage = (
  workload: WorkloadKey,
  partition: number,
  tick: MinuteTick,
): RecordedTick => ({
  id: tick.id,
  type: 'TickObserved',
  partition,
  pen: 'ticks',
  source: windowerSource,
  atMs: tick.atMs,
  causationId: tick.id.slice(0, tick.id.indexOf(':')),
  data: {
    kind: tick.kind,
    part: tick.part,
    parts: tick.parts,
    // Positions are not kept for ticks: nothing is decided on them.
    samplesThroughSeq: tick.samplesThroughSeq,
    eventsThroughSeq: 0,
    rows: rowsOf(workload, tick),
  },
  seq: tick.seq,
});

interface Averages {
  readonly stableMilli: number | null;
  readonly panicMilli: number | null;
}

const writtenOut = (minute: MinuteRecordedData): ReadonlyMap<number, Averages> => {
  const ticks = fromDifferences(minute.averages.ticks, 0);
  const stable = fromDifferences(minute.averages.stableMilli, 0);
  const panic = fromDifferences(minute.averages.panicMilli, 0);
  return new Map(
    ticks.map((tick, index) => [
      tick,
      { stableMilli: stable[index] ?? null, panicMilli: panic[index] ?? null },
    ]),
  );
};

interface Pokes {
  readonly samplesSeq: number;
  readonly inFlight: number | null;
  readonly traceparent: string | null;
}

const pokesByTick = ({ pokes }: MinuteRecordedData): ReadonlyMap<number, Pokes> =>
  new Map(
    pokes.ticks.map((tick, index) => [
      tick,
      {
        samplesSeq: pokes.samplesSeqs[index] ?? 0,
        inFlight: pokes.inFlight[index] ?? null,
        traceparent: pokes.traceparents[index] ?? null,
      },
    ]),
  );

/** Where and when each tick was, all but its row. */
const placesOf = (minute: RecordedMinute): readonly Omit<MinuteTick, 'row'>[] => {
  const { data, partition } = minute;
  const seqs = fromDifferences(data.seqs, 0);
  const parts = fromRuns(
    data.parts.map(([first, part, of]) => [first, [part, of]] as const),
    seqs.length,
    [1, 1],
  );
  const pokes = pokesByTick(data);
  const ids = new Map(data.ids);
  return tickTimesOf(data).map(({ atMs }, index) => {
    const poke = pokes.get(index);
    const [part = 1, of = 1] = parts[index] ?? [];
    const place = {
      seq: seqs[index] ?? 0,
      atMs,
      kind: poke === undefined ? ('tick' as const) : ('poke' as const),
      part,
      parts: of,
      samplesThroughSeq: poke?.samplesSeq ?? 0,
    };
    return { ...place, id: ids.get(index) ?? usualTickId(place, partition) };
  });
};

export interface ReadMinute {
  readonly ticks: readonly MinuteTick[];
  /** False: earlier minutes are missing, and averages that are not written out may be wrong. */
  readonly exact: boolean;
  /** To be given with the next minute. */
  readonly recomputation: MinuteRecomputation | undefined;
}

/** The minute's ticks. `prior` comes from the minute before, and is used up. */
export const ticksOfMinute = (
  minute: RecordedMinute,
  prior: MinuteRecomputation | undefined,
): ReadMinute => {
  const { data } = minute;
  const times = tickTimesOf(data);
  const windows =
    data.recomputed === null ? undefined : beginMinute(prior, data.recomputed, data.minuteAtMs);
  const recomputed = windows === undefined ? [] : recomputeMinute(windows, data, times);
  const differing = writtenOut(data);
  const pokes = pokesByTick(data);
  const lags = fromRuns<number | null>(data.covered, times.length, null);
  const ticks = placesOf(minute).map((place, index): MinuteTick => {
    const seen: Seen | undefined = times[index]?.seen;
    if (seen === undefined) return { ...place, row: undefined };
    const averages = differing.get(index) ?? recomputed[index];
    const lagMs = lags[index] ?? null;
    const poke = pokes.get(index);
    const row = {
      stableMilli: averages?.stableMilli ?? null,
      panicMilli: averages?.panicMilli ?? null,
      seen,
      coveredAtMs: lagMs === null ? null : Math.floor(place.atMs / 1000) * 1000 - lagMs,
      inFlight: poke?.inFlight ?? null,
      traceparent: poke?.traceparent ?? null,
    };
    return { ...place, row };
  });
  const exact = windows === undefined || windows.exactFromMs <= data.minuteAtMs;
  return { ticks, exact, recomputation: windows };
};

/**
 * The ticks of a workload's minutes, as the decider took them, a minute's at a time. Minutes from
 * the middle of a history give ticks once a whole window has been read.
 */
export function* eachTickOfMinutes(
  minutes: Iterable<RecordedMinute>,
): Generator<RecordedTick, void, undefined> {
  let recomputation: MinuteRecomputation | undefined;
  for (const minute of minutes) {
    const { workload, partition } = minute;
    const read = ticksOfMinute(minute, recomputation);
    recomputation = read.recomputation;
    if (workload === undefined || !read.exact) continue;
    for (const tick of read.ticks) yield tickMessage(workload, partition, tick);
  }
}

/** All of them at once. */
export const ticksOfMinutes = (minutes: readonly RecordedMinute[]): readonly RecordedTick[] => [
  ...eachTickOfMinutes(minutes),
];
