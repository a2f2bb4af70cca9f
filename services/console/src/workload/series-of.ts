/** A workload's lines over a stretch of time, as they are drawn. */
import { workloadName } from '@flyball/contracts';
import type { Mark, Point, Series, Step } from '../wire.ts';
import type { EventLines } from './fold-events.ts';
import type { LoadLines } from './fold-loads.ts';
import type { PointLog, Stretch } from './point-log.ts';
import { pointsMax, thin } from './thin.ts';

const isIn = ({ fromMs, toMs }: Stretch, atMs: number): boolean => atMs >= fromMs && atMs <= toMs;

/** The value that holds at the beginning comes first, as if it began there. */
const holding = (log: PointLog, { fromMs, toMs }: Stretch): readonly Point[] => {
  const before = log.at(fromMs);
  const points = log.between(fromMs + 1, toMs);
  return before === undefined ? points : [[fromMs, before], ...points];
};

const steps = (log: PointLog, stretch: Stretch): readonly Step[] =>
  thin(holding(log, stretch)).map(([atMs, value]) => [atMs, value ?? 0]);

/** An average stays until a tick states another one: the last one is drawn up to the last tick. */
const averages = (
  { runningTicks, tickAtMs }: LoadLines,
  log: PointLog,
  { of, stretch }: { readonly of: 'stable' | 'panic'; readonly stretch: Stretch },
): readonly Point[] => {
  const running = runningTicks
    .filter(({ atMs }) => isIn(stretch, atMs))
    .map((tick): Point => [tick.atMs, tick[of]]);
  const points = [...holding(log, stretch), ...running];
  const [lastMs = 0, last = null] = points.at(-1) ?? [];
  const endMs = Math.min(tickAtMs, stretch.toMs);
  return last === null || endMs <= lastMs ? points : [...points, [endMs, last]];
};

const loads = (
  lines: LoadLines,
  of: 'concurrency' | 'requests',
  stretch: Stretch,
): readonly Point[] => {
  const { minutesEndMs, runningSeconds } = lines;
  const running = runningSeconds.points(of);
  const [firstMs = minutesEndMs] = running[0] ?? [];
  const recorded = lines[of].between(stretch.fromMs, stretch.toMs);
  const gap: readonly Point[] =
    recorded.length > 0 && firstMs > minutesEndMs ? [[minutesEndMs, null]] : [];
  return [...recorded, ...[...gap, ...running].filter(([atMs]) => isIn(stretch, atMs))];
};

const newest = <Entry>(entries: readonly Entry[]): readonly Entry[] => entries.slice(-pointsMax);

const panicsIn = (
  { panics }: EventLines,
  { fromMs, toMs }: Stretch,
): readonly (readonly [number, number | null])[] =>
  newest(
    panics
      .all()
      .filter((one) => one.fromMs <= toMs && (one.toMs === null || one.toMs >= fromMs))
      .map((one) => [one.fromMs, one.toMs] as const),
  );

/** Everything between the two moments, each list at most 2,000 long. */
export const seriesOf = (
  events: EventLines,
  lines: LoadLines,
  stretch: Stretch,
): Omit<Series, 'problem'> => {
  const metric = events.policy?.metric ?? null;
  const load = loads(lines, metric === 'rps' ? 'requests' : 'concurrency', stretch);
  const stable = averages(lines, lines.stable, { of: 'stable', stretch });
  const panic = averages(lines, lines.panic, { of: 'panic', stretch });
  const marks: readonly Mark[] = events.marks.all().filter(({ atMs }) => isIn(stretch, atMs));
  const longest = Math.max(load.length, stable.length, panic.length, marks.length);
  return {
    ...workloadName(lines.workload),
    ...stretch,
    metric,
    concurrency: thin(load),
    stable: thin(stable),
    panic: thin(panic),
    target: thin(holding(events.target, stretch)),
    wanted: steps(events.wanted, stretch),
    applied: steps(events.applied, stretch),
    ready: steps(events.ready, stretch),
    panics: panicsIn(events, stretch),
    waiting: steps(events.waiting, stretch),
    marks: newest(marks),
    isThinned: longest > pointsMax,
  };
};
