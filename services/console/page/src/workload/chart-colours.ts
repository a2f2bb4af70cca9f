/** The colours of charts, as the style sheet has them for light and dark. */

export interface ChartColours {
  readonly ink: string;
  readonly grid: string;
  readonly raw: string;
  readonly stable: string;
  readonly panic: string;
  readonly target: string;
  readonly waiting: string;
  readonly waitingArea: string;
  readonly wanted: string;
  readonly applied: string;
  readonly ready: string;
  readonly readyArea: string;
  readonly panicStretch: string;
  readonly moment: string;
}

/** Reads them anew: another theme has others. */
export const chartColours = (): ChartColours => {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: of('ink-soft'),
    grid: of('grid'),
    raw: of('c-raw'),
    stable: of('c-stable'),
    panic: of('c-panic'),
    target: of('c-target'),
    waiting: of('c-waiting'),
    waitingArea: of('c-waiting-area'),
    wanted: of('c-wanted'),
    applied: of('c-applied'),
    ready: of('c-ready'),
    readyArea: of('c-ready-area'),
    panicStretch: of('c-panic-stretch'),
    moment: of('c-moment'),
  };
};
