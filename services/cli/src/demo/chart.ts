/** A small live chart: requests in flight and replicas over the last seconds. */
import asciichart from 'asciichart';
import type { Terminal } from '../output/terminal.ts';

/** Lines of one chart; fewer where there are fewer whole steps to show. */
const height = 6;
/** Room for the axis' labels. */
const marginColumns = 14;
const leastColumns = 20;

export interface Point {
  readonly inFlight: number;
  readonly ready: number;
  readonly desired: number;
}

/** The last points that fit, newest at the right. */
const fitting = (points: readonly Point[], columns: number): readonly Point[] =>
  points.slice(-Math.max(leastColumns, columns - marginColumns));

const plot = (series: readonly number[][], highest: number): string =>
  asciichart.plot(series as number[][], {
    height: Math.min(height, Math.max(1, Math.ceil(highest))),
    min: 0,
    max: Math.max(highest, 1),
    format: (value: number) => value.toFixed(0).padStart(5),
  });

/** Two charts, one above the other, with the newest values beside their titles. */
export const drawCharts = (terminal: Terminal, points: readonly Point[]): string => {
  const shown = fitting(points, terminal.columns);
  const last = shown.at(-1);
  if (last === undefined) return '';
  const inFlight = shown.map((point) => point.inFlight);
  const ready = shown.map((point) => point.ready);
  const desired = shown.map((point) => point.desired);
  return [
    terminal.styled('cyan', `  requests in flight: ${last.inFlight}`),
    terminal.styled('cyan', plot([inFlight], Math.max(...inFlight))),
    terminal.styled('green', `  replicas: ${last.ready} ready of ${last.desired} wanted`),
    terminal.styled('green', plot([ready], Math.max(...ready, ...desired))),
  ].join('\n');
};
