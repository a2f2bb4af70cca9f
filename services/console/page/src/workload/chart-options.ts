/** How the two charts of a workload look: what they share, and the lines of each. */
import uPlot from 'uplot';
import type { Series } from '../../../src/wire.ts';
import { axisTime } from '../format/time.ts';
import type { Stretch } from '../routing/shown-range.ts';
import { holding, type Line, thinned } from './aligned.ts';
import type { ChartColours } from './chart-colours.ts';

/** The room of the values' axis: the lane of marks above begins where it ends. */
export const axisPx = 46;
export const endPx = 28;
/** More points than this in a line cannot be told apart. */
const pointsMax = 1_500;

/** What a line is made of, how it is drawn, and what it is called. */
export interface DrawnLine {
  readonly name: string;
  readonly colour: keyof ChartColours;
  readonly area?: keyof ChartColours;
  readonly widthPx: number;
  readonly dash?: readonly number[];
  readonly line: (series: Series) => Line;
}

const points = (pick: (series: Series) => Series['stable']): DrawnLine['line'] => {
  return (series) => ({ kind: 'line', points: thinned(pick(series), pointsMax) });
};
const average = (pick: (series: Series) => Series['stable']): DrawnLine['line'] => {
  return points((series) => holding(pick(series)));
};
const step = (pick: (series: Series) => Line['points']): DrawnLine['line'] => {
  return (series) => ({ kind: 'step', points: pick(series) });
};

export const loadLines: readonly DrawnLine[] = [
  {
    name: 'waiting',
    colour: 'waiting',
    area: 'waitingArea',
    widthPx: 1,
    line: step(({ waiting }) => waiting),
  },
  { name: 'each second', colour: 'raw', widthPx: 1, line: points((series) => series.concurrency) },
  {
    name: 'target',
    colour: 'target',
    widthPx: 1.5,
    dash: [2, 3],
    line: step(({ target }) => target),
  },
  {
    name: 'panic window',
    colour: 'panic',
    widthPx: 1.75,
    dash: [6, 3],
    line: average(({ panic }) => panic),
  },
  {
    name: 'stable window',
    colour: 'stable',
    widthPx: 2.25,
    line: average(({ stable }) => stable),
  },
];

export const replicaLines: readonly DrawnLine[] = [
  {
    name: 'ready',
    colour: 'ready',
    area: 'readyArea',
    widthPx: 2.25,
    line: step(({ ready }) => ready),
  },
  {
    name: 'applied',
    colour: 'applied',
    widthPx: 1.5,
    dash: [6, 3],
    line: step(({ applied }) => applied),
  },
  {
    name: 'wanted',
    colour: 'wanted',
    widthPx: 1.5,
    dash: [2, 3],
    line: step(({ wanted }) => wanted),
  },
];

const stepped = uPlot.paths.stepped?.({ align: 1 });
const straight = uPlot.paths.linear?.();

const seriesOptions = (drawn: DrawnLine, colours: ChartColours): uPlot.Series => {
  const isStep = drawn.line(emptySeries).kind === 'step';
  const paths = isStep ? stepped : straight;
  return {
    label: drawn.name,
    stroke: colours[drawn.colour],
    width: drawn.widthPx,
    ...(drawn.area === undefined ? {} : { fill: colours[drawn.area] }),
    ...(drawn.dash === undefined ? {} : { dash: [...drawn.dash] }),
    ...(paths === undefined ? {} : { paths }),
    points: { show: false },
  };
};

const emptySeries: Series = {
  namespace: '',
  name: '',
  fromMs: 0,
  toMs: 0,
  metric: null,
  problem: null,
  isThinned: false,
  concurrency: [],
  stable: [],
  panic: [],
  target: [],
  wanted: [],
  applied: [],
  ready: [],
  panics: [],
  waiting: [],
  marks: [],
};

export interface ChartLook {
  readonly lines: readonly DrawnLine[];
  readonly colours: ChartColours;
  readonly heightPx: number;
  readonly widthPx: number;
  /** Whether the time is written below; the chart above shares it. */
  readonly hasTimes: boolean;
  readonly stretch: () => Stretch;
}

const smallFont = '11px system-ui, sans-serif';

/** A step of a nice length for the values: whole ones. */
const valueIncrements = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000];

const axes = ({ colours, hasTimes }: ChartLook): uPlot.Axis[] => [
  {
    show: true,
    size: hasTimes ? 26 : 8,
    stroke: colours.ink,
    font: smallFont,
    space: 62,
    gap: 4,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { show: false },
    values: (_, splits, __, ___, stepMs) =>
      splits.map((atMs) => (hasTimes ? axisTime(atMs, stepMs) : '')),
  },
  {
    size: axisPx,
    stroke: colours.ink,
    font: smallFont,
    space: 28,
    gap: 6,
    incrs: valueIncrements,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { show: false },
    values: (_, splits) => splits.map((value) => value.toLocaleString('en')),
  },
];

/** All that uPlot is told, but for what happens when somebody touches the chart. */
export const chartOptions = (look: ChartLook): uPlot.Options => ({
  width: look.widthPx,
  height: look.heightPx,
  ms: 1,
  padding: [8, endPx, 0, 0],
  legend: { show: false },
  cursor: {
    sync: { key: 'workload', setSeries: false },
    points: { show: false },
    drag: { x: true, y: false, setScale: false, dist: 6 },
    y: false,
  },
  scales: {
    x: {
      time: true,
      range: () => {
        const { fromMs, toMs } = look.stretch();
        return [fromMs, toMs];
      },
    },
    // A little air above the highest, and never less than one of what is counted.
    y: { range: (_, __, max) => [0, Math.max(1, (max ?? 0) * 1.08)] },
  },
  axes: axes(look),
  series: [{}, ...look.lines.map((drawn) => seriesOptions(drawn, look.colours))],
});
