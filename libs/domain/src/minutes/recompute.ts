/** The averages that follow from recorded seconds: minutes write out only those that differ. */
import type { MinuteRecordedData, Seen } from '@flyball/contracts';
import { type Averages, averagesAt } from '../windows/averages.ts';
import {
  clearWindow,
  copyWindow,
  createWindow,
  recordSample,
  type Window,
} from '../windows/window.ts';
import { tickTimesOf } from './tick-times.ts';

/** The windows of a reader of minutes, between two of them. */
export interface MinuteRecomputation {
  readonly metric: 'concurrency' | 'rps';
  readonly stableWindowMs: number;
  readonly panicWindowMs: number;
  /** The last minute that is in the windows. */
  minuteAtMs: number;
  /** From here on the windows hold all that they can: they began empty, or are full. */
  readonly exactFromMs: number;
  readonly stable: Window;
  readonly panic: Window;
}

/** Of a tick, what recomputing needs. */
export interface RecomputedTick {
  readonly atMs: number;
  /** Undefined: no row. */
  readonly seen: Seen | undefined;
}

type Basis = NonNullable<MinuteRecordedData['recomputed']>;
type Seconds = Pick<MinuteRecordedData, 'minuteAtMs' | 'concurrencyMilli' | 'requestsMilli'>;

const minuteMs = 60_000;

/** Does this minute follow the one before, with windows of the same kind? */
export const continues = (
  prior: MinuteRecomputation | undefined,
  windows: Omit<Basis, 'restarted'>,
  minuteAtMs: number,
): boolean =>
  prior !== undefined &&
  prior.minuteAtMs + minuteMs === minuteAtMs &&
  prior.exactFromMs <= minuteAtMs &&
  prior.metric === windows.metric &&
  prior.stableWindowMs === windows.stableWindowMs &&
  prior.panicWindowMs === windows.panicWindowMs;

const startAt = (basis: Basis, minuteAtMs: number): MinuteRecomputation => ({
  metric: basis.metric,
  stableWindowMs: basis.stableWindowMs,
  panicWindowMs: basis.panicWindowMs,
  minuteAtMs: minuteAtMs - minuteMs,
  // Whoever begins in the middle knows the averages once a whole window has been read.
  exactFromMs: basis.restarted ? minuteAtMs : minuteAtMs + basis.stableWindowMs,
  stable: createWindow('linear', basis.stableWindowMs),
  panic: createWindow('linear', basis.panicWindowMs),
});

/** Independent windows with the same seconds. */
export const copyRecomputation = (from: MinuteRecomputation): MinuteRecomputation => {
  const [stable, panic] = [from.stable, from.panic].map((window) => {
    const copy = createWindow('linear', window.windowMs);
    copyWindow(window, copy);
    return copy;
  });
  return { ...from, stable: stable ?? from.stable, panic: panic ?? from.panic };
};

/** The windows with which a minute begins: those of the minute before, or empty ones. */
export const beginMinute = (
  prior: MinuteRecomputation | undefined,
  basis: Basis,
  minuteAtMs: number,
): MinuteRecomputation =>
  prior === undefined || basis.restarted ? startAt(basis, minuteAtMs) : prior;

/** Takes the minute's seconds into the windows; what each tick saw on the way. */
export const recomputeMinute = (
  windows: MinuteRecomputation,
  minute: Seconds,
  ticks: readonly RecomputedTick[],
): readonly Averages[] => {
  const { stable, panic } = windows;
  const values = windows.metric === 'rps' ? minute.requestsMilli : minute.concurrencyMilli;
  const firstSecond = minute.minuteAtMs / 1000;
  let next = 0;
  const recordBefore = (boundarySecond: number): void => {
    for (; next < values.length && firstSecond + next < boundarySecond; next += 1) {
      const value = values[next];
      if (value === null || value === undefined) continue;
      recordSample(stable, firstSecond + next, value);
      recordSample(panic, firstSecond + next, value);
    }
  };
  const averages = ticks.map(({ atMs, seen }) => {
    const boundarySecond = Math.floor(atMs / 1000);
    recordBefore(boundarySecond);
    if (seen === 'unobserved') for (const window of [stable, panic]) clearWindow(window);
    return averagesAt(stable, panic, boundarySecond - 1);
  });
  recordBefore(Number.POSITIVE_INFINITY);
  windows.minuteAtMs = minute.minuteAtMs;
  return averages;
};

/** The windows after a recorded minute; `prior` is used up. Undefined: nothing to go on from. */
export const advanceRecomputation = (
  prior: MinuteRecomputation | undefined,
  minute: MinuteRecordedData,
): MinuteRecomputation | undefined => {
  if (minute.recomputed === null) return undefined;
  const windows = beginMinute(prior, minute.recomputed, minute.minuteAtMs);
  recomputeMinute(windows, minute, tickTimesOf(minute));
  return windows;
};
