/** A workload's load over time: its recorded minutes, and what is not yet in one. */
import type { FlyballEvent, WorkloadKey } from '@flyball/contracts';
import {
  type ReadMinute,
  type RecordedMinute,
  type RecordedTick,
  ticksOfMinute,
} from '@flyball/domain';
import { createPointLog, type PointLog, type Stretch } from './point-log.ts';
import { createRunningSeconds, type RunningSeconds } from './running-seconds.ts';

const milli = 1_000;
const secondMs = 1_000;
const minuteMs = 60_000;
/** An average that was not stated for longer stayed as it was: it is not drawn as a slope. */
const statedEveryMs = 5_000;
const tickMs = 2_000;
/** Of some ten minutes: minutes are recorded within two. */
const runningTicksMax = 1_000;

interface TickAverages {
  readonly atMs: number;
  readonly stable: number | null;
  readonly panic: number | null;
}

export interface LoadLines {
  readonly workload: WorkloadKey;
  readonly concurrency: PointLog;
  readonly requests: PointLog;
  readonly stable: PointLog;
  readonly panic: PointLog;
  /** Ticks, and seconds, after the last recorded minute. */
  runningTicks: readonly TickAverages[];
  readonly runningSeconds: RunningSeconds;
  /** The end of the last recorded minute. */
  minutesEndMs: number;
  recomputation: ReadMinute['recomputation'];
  /** The newest tick that was read, with or without a row. */
  tickAtMs: number;
}

export const createLoadLines = (workload: WorkloadKey, stretch: () => Stretch): LoadLines => ({
  workload,
  concurrency: createPointLog(stretch),
  requests: createPointLog(stretch),
  stable: createPointLog(stretch),
  panic: createPointLog(stretch),
  runningTicks: [],
  runningSeconds: createRunningSeconds(workload),
  minutesEndMs: 0,
  recomputation: undefined,
  tickAtMs: 0,
});

const ofMilli = (thousandths: number | null | undefined): number | null =>
  thousandths === null || thousandths === undefined ? null : thousandths / milli;

/** What was stated before holds until a tick before this one. */
const pushAverage = (line: PointLog, atMs: number, value: number | null): void => {
  const [lastMs = atMs, last = null] = line.last() ?? [];
  if (last !== null && atMs - lastMs > statedEveryMs) line.push(atMs - tickMs, last);
  line.push(atMs, value);
};

const foldSeconds = (lines: LoadLines, { data }: RecordedMinute): void => {
  const { minuteAtMs, concurrencyMilli, requestsMilli } = data;
  const blind = new Set(data.blindSeconds);
  const hasGap = lines.minutesEndMs !== 0 && lines.minutesEndMs < minuteAtMs;
  for (const [line, values] of [
    [lines.concurrency, concurrencyMilli],
    [lines.requests, requestsMilli],
  ] as const) {
    if (hasGap) line.push(lines.minutesEndMs, null);
    for (const [second, value] of values.entries()) {
      line.push(minuteAtMs + second * secondMs, blind.has(second) ? null : ofMilli(value));
    }
  }
};

/** Folds a recorded minute, in place: what was known of it otherwise is let go. */
export const foldMinute = (lines: LoadLines, minute: RecordedMinute): void => {
  foldSeconds(lines, minute);
  const { ticks, exact, recomputation } = ticksOfMinute(minute, lines.recomputation);
  lines.recomputation = recomputation;
  for (const { atMs, row } of exact ? ticks : []) {
    if (row === undefined) continue;
    pushAverage(lines.stable, atMs, ofMilli(row.stableMilli));
    pushAverage(lines.panic, atMs, ofMilli(row.panicMilli));
  }
  const endMs = minute.data.minuteAtMs + minuteMs;
  lines.minutesEndMs = endMs;
  lines.runningTicks = lines.runningTicks.filter(({ atMs }) => atMs >= endMs);
  lines.runningSeconds.dropBefore(endMs);
};

/** Folds a tick or poke of the partition, in place. */
export const foldTick = (lines: LoadLines, { atMs, data }: RecordedTick): void => {
  lines.tickAtMs = Math.max(lines.tickAtMs, atMs);
  const row = data.rows.workloads.indexOf(lines.workload);
  if (row === -1 || atMs < lines.minutesEndMs) return;
  const stable = ofMilli(data.rows.stableMilli[row]);
  const panic = ofMilli(data.rows.panicMilli[row]);
  lines.runningTicks = [...lines.runningTicks, { atMs, stable, panic }].slice(-runningTicksMax);
};

/** Folds what a source told of one second of the partition, in place. */
export const foldSamples = (lines: LoadLines, { data }: FlyballEvent<'SamplesReported'>): void => {
  if (data.secondAtMs >= lines.minutesEndMs) lines.runningSeconds.take(data);
};
