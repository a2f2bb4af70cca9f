/** What the demo shows while it runs: events as they come, and a chart that moves with them. */
import { createLogUpdate } from 'log-update';
import type { Terminal } from '../output/terminal.ts';
import { drawCharts, type Point } from './chart.ts';

const everyMs = 500;
/** Where nobody looks, a line now and then is enough. */
const plainEveryTicks = 10;
const pointsKept = 1_000;

export interface LiveView {
  /** A line above the chart. */
  say(text: string): void;
  stop(): void;
}

export interface LiveViewOptions {
  readonly terminal: Terminal;
  readonly stdout: NodeJS.WriteStream;
  /** The state of this moment. */
  readonly sample: () => Promise<Point>;
}

/** Draws until it is stopped; on a terminal in place, else as plain lines. */
export const startLiveView = ({ terminal, stdout, sample }: LiveViewOptions): LiveView => {
  const redraw = createLogUpdate(stdout);
  const points: Point[] = [];
  let ticks = 0;
  let stopped = false;

  const draw = (): void => {
    if (terminal.isInteractive && !stopped) redraw(drawCharts(terminal, points));
  };
  const tick = async (): Promise<void> => {
    const point = await sample().catch(() => undefined);
    if (point === undefined || stopped) return;
    points.push(point);
    if (points.length > pointsKept) points.shift();
    ticks += 1;
    if (terminal.isInteractive) draw();
    else if (ticks % plainEveryTicks === 0) {
      const { inFlight, ready, desired } = point;
      terminal.line(`  … ${inFlight} in flight, ${ready} of ${desired} replicas ready`);
    }
  };
  const timer = setInterval(() => void tick(), everyMs);
  return {
    say: (text) => {
      if (terminal.isInteractive) redraw.clear();
      terminal.line(text);
      draw();
    },
    stop: () => {
      stopped = true;
      clearInterval(timer);
      if (terminal.isInteractive) redraw.done();
    },
  };
};
