/** One chart of a workload: draws its lines, panics and the chosen moment; told of clicks. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Series } from '../../../src/wire.ts';
import { type Stretch, stretchAround } from '../routing/shown-range.ts';
import { aligned } from './aligned.ts';
import { type ChartColours, chartColours } from './chart-colours.ts';
import { chartOptions, type DrawnLine } from './chart-options.ts';

export interface ChartProps {
  readonly lines: readonly DrawnLine[];
  readonly series: Series;
  readonly stretch: Stretch;
  /** UTC ms; null: none is chosen. */
  readonly chosenMs: number | null;
  readonly heightPx: number;
  readonly hasTimes: boolean;
  readonly isDark: boolean;
  readonly onChoose: (atMs: number) => void;
  readonly onStretch: (stretch: Stretch) => void;
  /** The pointer is over this moment; null: over none. */
  readonly onPoint: (atMs: number | null) => void;
}

const dataOf = ({ lines, series, stretch }: ChartProps): uPlot.AlignedData => {
  const drawn = lines.map(({ line }) => line(series));
  const { momentsMs, values } = aligned(drawn, stretch.fromMs, stretch.toMs);
  return [momentsMs, ...values];
};

/** Panics as a shade behind everything, with a bar at the top for those who see no shades. */
const drawPanics = (chart: uPlot, { series, stretch }: ChartProps, colours: ChartColours): void => {
  const { ctx, bbox } = chart;
  const barPx = 3 * uPlot.pxRatio;
  ctx.save();
  for (const [fromMs, toMs] of series.panics) {
    const endMs = toMs ?? stretch.toMs;
    if (endMs < stretch.fromMs || fromMs > stretch.toMs) continue;
    const left = chart.valToPos(Math.max(fromMs, stretch.fromMs), 'x', true);
    const width = Math.max(1, chart.valToPos(Math.min(endMs, stretch.toMs), 'x', true) - left);
    ctx.fillStyle = colours.panicStretch;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.fillStyle = colours.panic;
    ctx.fillRect(left, bbox.top, width, barPx);
  }
  ctx.restore();
};

const drawVertical = (chart: uPlot, atMs: number, colour: string, dash: number[]): void => {
  const { ctx, bbox } = chart;
  const x = Math.round(chart.valToPos(atMs, 'x', true));
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * uPlot.pxRatio;
  ctx.setLineDash(dash.map((length) => length * uPlot.pxRatio));
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
};

const drawChosen = (
  chart: uPlot,
  { chosenMs, stretch }: ChartProps,
  colours: ChartColours,
): void => {
  if (chosenMs === null || chosenMs < stretch.fromMs || chosenMs > stretch.toMs) return;
  drawVertical(chart, chosenMs, colours.moment, []);
};

const hooksOf = (
  newest: { readonly current: ChartProps },
  colours: ChartColours,
): uPlot.Hooks.Arrays => ({
  drawClear: [(chart) => drawPanics(chart, newest.current, colours)],
  draw: [(chart) => drawChosen(chart, newest.current, colours)],
  setCursor: [
    (chart) => {
      const { left } = chart.cursor;
      const isOver = left !== undefined && left !== null && left >= 0;
      newest.current.onPoint(isOver ? chart.posToVal(left, 'x') : null);
    },
  ],
  setSelect: [
    (chart) => {
      const { left, width } = chart.select;
      if (width <= 0) return;
      const [fromMs, toMs] = [chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x')];
      chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      newest.current.onStretch(stretchAround({ fromMs, toMs }));
    },
  ],
  ready: [
    (chart) => {
      // uPlot keeps clicks that end a drag from its surface.
      chart.over.addEventListener('click', ({ offsetX }) =>
        newest.current.onChoose(Math.round(chart.posToVal(offsetX, 'x'))),
      );
    },
  ],
});

export const Chart = (props: ChartProps) => {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const newest = useRef(props);
  newest.current = props;
  const { lines, series, stretch, chosenMs, heightPx, hasTimes, isDark } = props;
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const colours = chartColours();
    const look = { lines, colours, heightPx, hasTimes, stretch: () => newest.current.stretch };
    const options = chartOptions({ ...look, widthPx: element.clientWidth });
    const drawn = new uPlot(
      { ...options, hooks: hooksOf(newest, colours) },
      dataOf(newest.current),
      element,
    );
    chart.current = drawn;
    const observer = new ResizeObserver(() =>
      drawn.setSize({ width: element.clientWidth, height: heightPx }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      chart.current = null;
    };
  }, [lines, heightPx, hasTimes, isDark]);
  useEffect(() => {
    chart.current?.setData(dataOf(newest.current));
  }, [lines, series, stretch.fromMs, stretch.toMs]);
  useEffect(() => {
    chart.current?.redraw(false, false);
  }, [chosenMs]);
  return <div class="chart" ref={place} style={{ height: `${heightPx}px` }} aria-hidden="true" />;
};
