/** Several lines and steps over one time axis, as a chart wants them: a value for each moment. */
import type { Point, Step } from '../../../src/wire.ts';

export interface Line {
  readonly points: readonly (Point | Step)[];
  /** A step holds until the next one; a line has values at its own moments only. */
  readonly kind: 'line' | 'step';
}

/**
 * Null: a gap; undefined: nothing of this line at that moment, and no gap either. A gap ends at
 * the first entry that is not null, so it has to be told at every moment that it lasts.
 */
export type Values = (number | null | undefined)[];

export interface Aligned {
  /** UTC ms, each once, in order. */
  readonly momentsMs: number[];
  /** One list for each line, as long as the moments. */
  readonly values: Values[];
}

const valuesOf = ({ points, kind }: Line, momentsMs: readonly number[]): Values => {
  const values: Values = [];
  let next = 0;
  let held: number | null | undefined;
  for (const momentMs of momentsMs) {
    let isThere = false;
    for (let point = points[next]; point !== undefined && point[0] <= momentMs; ) {
      [, held] = point;
      isThere = point[0] === momentMs;
      next += 1;
      point = points[next];
    }
    values.push(kind === 'step' || isThere || held === null ? held : undefined);
  }
  return values;
};

/**
 * All moments of all lines within a stretch of time, and its ends, so that steps reach from edge to
 * edge. Points have to be in order of time.
 */
export const aligned = (lines: readonly Line[], fromMs: number, toMs: number): Aligned => {
  const all = new Set([fromMs, toMs]);
  for (const { points } of lines) {
    for (const [atMs] of points) if (atMs > fromMs && atMs < toMs) all.add(atMs);
  }
  const momentsMs = [...all].sort((first, second) => first - second);
  return { momentsMs, values: lines.map((line) => valuesOf(line, momentsMs)) };
};

/** Averages come every tick; where none came for longer, they had not changed. */
const tickMs = 2_000;
const heldAfterMs = 3_000;

const extreme = (
  points: readonly Point[],
  isBeyond: (value: number, other: number) => boolean,
): Point | undefined =>
  points.reduce<Point | undefined>(
    (found, one) => (found === undefined || isBeyond(one[1] ?? 0, found[1] ?? 0) ? one : found),
    undefined,
  );

/**
 * Averages are stated when they have changed: after a while without one, the last holds until just
 * before the next. A line would lead there as if it had risen all the time.
 */
export const holding = (points: readonly Point[]): readonly Point[] =>
  points.flatMap((point, index) => {
    const before = points[index - 1];
    if (before === undefined || before[1] === null || point[1] === null) return [point];
    const isHeld = point[0] - before[0] > heldAfterMs && point[1] !== before[1];
    return isHeld ? [[point[0] - tickMs, before[1]] as const, point] : [point];
  });

/** A copy with no more than `most` points: of each stretch its lowest and its highest stay. */
export const thinned = (points: readonly Point[], most: number): readonly Point[] => {
  if (points.length <= most) return points;
  const stretch = Math.ceil(points.length / Math.max(1, Math.floor(most / 2)));
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const part = points.slice(start, start + stretch);
    const valued = part.filter(([, value]) => value !== null);
    const peak = extreme(valued, (one, other) => one > other) ?? part[0];
    const low = extreme(valued, (one, other) => one < other) ?? peak;
    const both = [low, peak].filter((one) => one !== undefined);
    // A gap must not be closed by leaving out the points that make it.
    const gap = valued.length === part.length ? [] : part.filter(([, value]) => value === null);
    kept.push(
      ...new Set([...both, ...gap.slice(0, 1)].sort(([first], [second]) => first - second)),
    );
  }
  return kept;
};
