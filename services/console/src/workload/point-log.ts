/** Values in order of time, of which only a stretch of time is kept. */
import type { Point } from '../wire.ts';

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PointLog {
  /** A time before the last one counts as the last one; a value beyond the stretch is not kept. */
  push(atMs: number, value: number | null): void;
  /** The newest; undefined while there is none. */
  last(): Point | undefined;
  /** Those of the stretch, both ends included. */
  between(fromMs: number, toMs: number): Point[];
  /** The value that held at a moment; undefined before the first one. */
  at(atMs: number): number | null | undefined;
  /** Lets go of what is older, except the last one before: it holds at that moment. */
  dropBefore(atMs: number): void;
}

/** Letting go moves all that stays: done for many at once. */
const droppedMin = 1_000;

/** The first index whose time is later. */
const indexAfter = (times: readonly number[], atMs: number): number => {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Numbers side by side: a day of seconds is 86,400 of them. */
export const createPointLog = (stretch: () => Stretch): PointLog => {
  let times: number[] = [];
  let values: number[] = [];
  const valueAt = (index: number): number | null => {
    const value = values[index] ?? Number.NaN;
    return Number.isNaN(value) ? null : value;
  };
  const cut = (from: number): void => {
    times = times.slice(from);
    values = values.slice(from);
  };
  return {
    push: (atMs, value) => {
      const { fromMs, toMs } = stretch();
      const time = Math.max(atMs, times.at(-1) ?? atMs);
      if (time > toMs) return;
      // What was overtaken before the stretch began holds nothing in it.
      if (time <= fromMs) cut(times.length);
      times.push(time);
      values.push(value ?? Number.NaN);
    },
    last: () => (times.length === 0 ? undefined : [times.at(-1) ?? 0, valueAt(times.length - 1)]),
    between: (fromMs, toMs) => {
      const [first, end] = [indexAfter(times, fromMs - 1), indexAfter(times, toMs)];
      return times.slice(first, end).map((time, index) => [time, valueAt(first + index)]);
    },
    at: (atMs) => {
      const index = indexAfter(times, atMs) - 1;
      return index < 0 ? undefined : valueAt(index);
    },
    dropBefore: (atMs) => {
      const first = indexAfter(times, atMs) - 1;
      if (first >= droppedMin) cut(first);
    },
  };
};
