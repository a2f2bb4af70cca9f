/** Writes a minute down: seconds and ticks in columns, averages only where they differ. */
import {
  eventFrom,
  type FlyballEvent,
  type MinuteRecordedData,
  secondsPerMinute,
} from '@flyball/contracts';
import { pokeInputId, tickInputId, windowerSource } from '../windower/input.ts';
import type { MinuteRow, MinuteSource, MinuteTick } from './minute.ts';
import {
  beginMinute,
  continues,
  copyRecomputation,
  type MinuteRecomputation,
  recomputeMinute,
} from './recompute.ts';
import { toDifferences, toRuns } from './runs.ts';

/** The id a tick has unless something odd happened to its time. */
export const usualTickId = (
  tick: Pick<MinuteTick, 'kind' | 'atMs' | 'part' | 'samplesThroughSeq'>,
  partition: number,
): string => {
  const inputId =
    tick.kind === 'tick'
      ? tickInputId(tick.atMs, tick.part)
      : pokeInputId(tick.samplesThroughSeq, tick.part);
  return `${inputId}:ticks:${partition}`;
};

/** A tick's newest covered second, as the time before the tick's own second. */
const coveredLag = (tick: MinuteTick, row: MinuteRow): number | null =>
  row.coveredAtMs === null ? null : Math.floor(tick.atMs / 1000) * 1000 - row.coveredAtMs;

const pokesOf = (ticks: readonly MinuteTick[]): MinuteRecordedData['pokes'] => {
  const pokes = ticks.flatMap((tick, index) => (tick.kind === 'poke' ? [{ tick, index }] : []));
  return {
    ticks: pokes.map(({ index }) => index),
    samplesSeqs: pokes.map(({ tick }) => tick.samplesThroughSeq),
    inFlight: pokes.map(({ tick }) => tick.row?.inFlight ?? null),
    traceparents: pokes.map(({ tick }) => tick.row?.traceparent ?? null),
  };
};

const basisOf = (
  { windows, minuteAtMs }: MinuteSource,
  prior: MinuteRecomputation | undefined,
): MinuteRecordedData['recomputed'] => {
  if (windows === undefined) return null;
  const { metric, stableWindowMs, panicWindowMs } = windows;
  const restarted = !continues(prior, windows, minuteAtMs);
  return { metric, stableWindowMs, panicWindowMs, restarted };
};

/** The rows whose averages the recorded seconds do not give; all of them without a basis. */
const differingRows = (
  source: MinuteSource,
  seconds: Pick<MinuteRecordedData, 'minuteAtMs' | 'concurrencyMilli' | 'requestsMilli'>,
  { basis, prior }: { basis: MinuteRecordedData['recomputed']; prior?: MinuteRecomputation },
): MinuteRecordedData['averages'] => {
  const { ticks, minuteAtMs } = source;
  const times = ticks.map(({ atMs, row }) => ({ atMs, seen: row?.seen }));
  const windows =
    basis === null ? undefined : beginMinute(prior && copyRecomputation(prior), basis, minuteAtMs);
  const recomputed = windows === undefined ? [] : recomputeMinute(windows, seconds, times);
  const differing = ticks.flatMap(({ row }, index) => {
    const given = recomputed[index];
    const same = given?.stableMilli === row?.stableMilli && given?.panicMilli === row?.panicMilli;
    return row === undefined || (given !== undefined && same) ? [] : [{ row, index }];
  });
  return {
    ticks: toDifferences(
      differing.map(({ index }) => index),
      0,
    ),
    stableMilli: toDifferences(
      differing.map(({ row }) => row.stableMilli),
      0,
    ),
    panicMilli: toDifferences(
      differing.map(({ row }) => row.panicMilli),
      0,
    ),
  };
};

const sameParts = (a: readonly number[], b: readonly number[]): boolean =>
  a[0] === b[0] && a[1] === b[1];

/**
 * The minute as an event. `prior` is what a reader of the minutes before has, from
 * `advanceRecomputation`; it is not changed.
 */
export const recordMinute = (
  source: MinuteSource,
  prior: MinuteRecomputation | undefined,
): FlyballEvent<'MinuteRecorded'> => {
  const { minuteAtMs, ticks, partition } = source;
  const basis = basisOf(source, prior);
  const seconds = {
    minuteAtMs,
    concurrencyMilli: [...source.concurrencyMilli],
    requestsMilli: [...source.requestsMilli],
  };
  const data: MinuteRecordedData = {
    ...seconds,
    blindSeconds: [...source.blindSeconds],
    seqs: toDifferences(
      ticks.map(({ seq }) => seq),
      0,
    ),
    times: toRuns(
      toDifferences(
        ticks.map(({ atMs }) => atMs),
        minuteAtMs,
      ),
    ).map(([first, stepMs]) => [first, stepMs]),
    parts: toRuns(
      ticks.map(({ part, parts }) => [part, parts]),
      sameParts,
    ).map(([first, [part = 1, parts = 1]]) => [first, part, parts]),
    rows: toRuns(ticks.map(({ row }) => row?.seen ?? null)).map(([first, seen]) => [first, seen]),
    covered: toRuns(ticks.map((tick) => tick.row && coveredLag(tick, tick.row))).map(
      ([first, lagMs]) => [first, lagMs],
    ),
    pokes: pokesOf(ticks),
    ids: ticks.flatMap((tick, index): [number, string][] =>
      tick.id === usualTickId(tick, partition) ? [] : [[index, tick.id]],
    ),
    recomputed: basis,
    averages: differingRows(source, seconds, { basis, ...(prior === undefined ? {} : { prior }) }),
  };
  return eventFrom({
    type: 'MinuteRecorded',
    pen: 'minutes',
    workload: source.workload,
    partition,
    source: windowerSource,
    cause: { id: `m${minuteAtMs}`, atMs: minuteAtMs + secondsPerMinute * 1000 },
    data,
  });
};
