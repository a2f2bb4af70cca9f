/** A workload's lines over a span of time, as they are drawn. */
import { workloadName } from '@flyball/contracts';
import type { Mark, Point, Series, Step } from '../wire.ts';
import type { EventLines } from './fold-events.ts';
import type { LoadLines } from './fold-loads.ts';
import type { KeptSpan, PointLog } from './point-log.ts';
import { pointsMax, thin } from './thin.ts';

type Span = KeptSpan;

const isIn = ({ fromMs, toMs }: Span, atMs: number): boolean => atMs >= fromMs && atMs <= toMs;

/** The value that holds at the beginning comes first, as if it began there. */
const holding = (log: PointLog, { fromMs, toMs }: Span): readonly Point[] => {
  const before = log.at(fromMs);
  const points = log.between(fromMs + 1, toMs);
  return before === undefined ? points : [[fromMs, before], ...points];
};

const steps = (log: PointLog, span: Span): readonly Step[] =>
  thin(holding(log, span)).map(([atMs, value]) => [atMs, value ?? 0]);

/** An average stays until a tick states another one: the last one is drawn up to the last tick. */
const averages = (
  { runningTicks, tickAtMs }: LoadLines,
  log: PointLog,
  { of, span }: { readonly of: 'stable' | 'panic'; readonly span: Span },
): readonly Point[] => {
  const running = runningTicks
    .filter(({ atMs }) => isIn(span, atMs))
    .map((tick): Point => [tick.atMs, tick[of]]);
  const points = [...holding(log, span), ...running];
  const [lastMs = 0, last = null] = points.at(-1) ?? [];
  const endMs = Math.min(tickAtMs, span.toMs);
  return last === null || endMs <= lastMs ? points : [...points, [endMs, last]];
};

const loads = (lines: LoadLines, of: 'concurrency' | 'requests', span: Span): readonly Point[] => {
  const { minutesEndMs, runningSeconds } = lines;
  const running = runningSeconds.points(of);
  const [firstMs = minutesEndMs] = running[0] ?? [];
  const recorded = lines[of].between(span.fromMs, span.toMs);
  const gap: readonly Point[] =
    recorded.length > 0 && firstMs > minutesEndMs ? [[minutesEndMs, null]] : [];
  return [...recorded, ...[...gap, ...running].filter(([atMs]) => isIn(span, atMs))];
};

const newest = <Entry>(entries: readonly Entry[]): readonly Entry[] => entries.slice(-pointsMax);

const panicSpansIn = (
  { panicSpans }: EventLines,
  { fromMs, toMs }: Span,
): readonly (readonly [number, number | null])[] =>
  newest(
    panicSpans
      .all()
      .filter((one) => one.fromMs <= toMs && (one.toMs === null || one.toMs >= fromMs))
      .map((one) => [one.fromMs, one.toMs] as const),
  );

/** Everything between the two moments, each list at most 2,000 long. */
export const seriesOf = (events: EventLines, lines: LoadLines, span: Span): Series => {
  const metric = events.policy?.metric ?? null;
  const load = loads(lines, metric === 'rps' ? 'requests' : 'concurrency', span);
  const stable = averages(lines, lines.stable, { of: 'stable', span });
  const panic = averages(lines, lines.panic, { of: 'panic', span });
  const marks: readonly Mark[] = events.marks.all().filter(({ atMs }) => isIn(span, atMs));
  const longest = Math.max(load.length, stable.length, panic.length, marks.length);
  return {
    ...workloadName(lines.workload),
    ...span,
    metric,
    concurrency: thin(load),
    stable: thin(stable),
    panic: thin(panic),
    target: thin(holding(events.target, span)),
    wanted: steps(events.wanted, span),
    applied: steps(events.applied, span),
    ready: steps(events.ready, span),
    panicSpans: panicSpansIn(events, span),
    held: steps(events.held, span),
    marks: newest(marks),
    isThinned: longest > pointsMax,
  };
};
