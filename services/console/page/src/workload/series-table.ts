/** What charts show, in numbers and in a sentence, for those who cannot see them. */
import type { Point, Series, Step } from '../../../src/wire.ts';
import { counted, load, loadUnit } from '../format/amount.ts';
import { clockTime } from '../format/time.ts';
import type { Stretch } from '../routing/shown-range.ts';
import { indexAt } from './moments.ts';

/** What is known of one moment; null where nothing was measured or recorded. */
export interface SeriesMoment {
  readonly atMs: number;
  readonly concurrency: number | null;
  readonly stable: number | null;
  readonly panic: number | null;
  readonly target: number | null;
  readonly wanted: number | null;
  readonly applied: number | null;
  /** Zero before the first pod was ever ready, and before a request ever waited. */
  readonly ready: number;
  readonly waiting: number;
}

const heldAt = (points: readonly (Point | Step)[], atMs: number): number | null =>
  points[
    indexAt(
      points.map(([pointMs]) => pointMs),
      atMs,
    )
  ]?.[1] ?? null;

/** What each line was worth at a moment: its last value by then. */
export const momentOf = (series: Series, atMs: number): SeriesMoment => ({
  atMs,
  concurrency: heldAt(series.concurrency, atMs),
  stable: heldAt(series.stable, atMs),
  panic: heldAt(series.panic, atMs),
  target: heldAt(series.target, atMs),
  wanted: heldAt(series.wanted, atMs),
  applied: heldAt(series.applied, atMs),
  ready: heldAt(series.ready, atMs) ?? 0,
  waiting: heldAt(series.waiting, atMs) ?? 0,
});

const within = <Entry extends Point | Step>(entries: readonly Entry[], { fromMs, toMs }: Stretch) =>
  entries.filter(([atMs]) => atMs >= fromMs && atMs <= toMs);

/** The moments that a reader may want to stop at: ticks, decisions, what pods did, and marks. */
export const momentsOf = (series: Series, stretch: Stretch): readonly number[] => {
  const { stable, wanted, applied, ready, marks } = series;
  const all = [stable, wanted, applied, ready].flatMap((line) =>
    within<Point | Step>(line, stretch).map(([atMs]) => atMs),
  );
  const marked = marks.map(({ atMs }) => atMs);
  const shown = marked.filter((atMs) => atMs >= stretch.fromMs && atMs <= stretch.toMs);
  return [...new Set([...all, ...shown])].sort((first, second) => first - second);
};

/** Rows at equal distances, with the highest load of the time before each. */
export const tableMoments = (
  series: Series,
  { fromMs, toMs }: Stretch,
  rows: number,
): readonly SeriesMoment[] => {
  const stepMs = (toMs - fromMs) / rows;
  return Array.from({ length: rows }, (_, index) => {
    const atMs = Math.round(fromMs + (index + 1) * stepMs);
    const since = { fromMs: atMs - stepMs, toMs: atMs };
    const peak = highest(within(series.concurrency, since));
    return { ...momentOf(series, atMs), concurrency: peak?.[1] ?? null };
  });
};

const highest = <Entry extends Point | Step>(entries: readonly Entry[]): Entry | undefined =>
  entries.reduce<Entry | undefined>(
    (most, one) => (one[1] !== null && one[1] > (most?.[1] ?? -1) ? one : most),
    undefined,
  );

const replicasSaid = (series: Series, stretch: Stretch): string => {
  const { ready, wanted } = momentOf(series, stretch.toMs);
  const before = momentOf(series, stretch.fromMs).ready;
  const counts = [before, ...within(series.ready, stretch).map(([, count]) => count)];
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const range = least === most ? counted(most, 'replica') : `${least} to ${most} replicas`;
  return `${range} ready, at the end ${ready} of ${wanted ?? 0}`;
};

/** One sentence on all of it. */
export const seriesSentence = (series: Series, stretch: Stretch): string => {
  const peak =
    highest(within(series.concurrency, stretch)) ?? highest(within(series.panic, stretch));
  const unit = loadUnit(series.metric);
  const loadSaid =
    peak === undefined || peak[1] === 0
      ? 'no load'
      : `load up to ${load(peak[1])} ${unit} at ${clockTime(peak[0])}`;
  const panics = series.panics.filter(
    ([fromMs, toMs]) => fromMs <= stretch.toMs && (toMs ?? stretch.toMs) >= stretch.fromMs,
  );
  const coldStarts = series.marks.filter(
    ({ kind, atMs }) => kind === 'cold start' && atMs >= stretch.fromMs && atMs <= stretch.toMs,
  );
  const told = [loadSaid, replicasSaid(series, stretch), counted(panics.length, 'panic')];
  const ends = `From ${clockTime(stretch.fromMs)} to ${clockTime(stretch.toMs)}`;
  return `${ends}: ${[...told, counted(coldStarts.length, 'cold start')].join('; ')}.`;
};
