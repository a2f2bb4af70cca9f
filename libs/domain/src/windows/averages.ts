/** The two averages that a decision is made from: exact, and in whole thousandths. */
import { isWindowEmpty, type Window, windowAverage } from './window.ts';

/** In the unit of what was recorded. */
export interface ExactAverages {
  readonly stable: number;
  readonly panic: number;
}

export interface Averages {
  readonly stableMilli: number | null;
  readonly panicMilli: number | null;
}

const noData: Averages = { stableMilli: null, panicMilli: null };
/** The sum with zero turns a rounded -0 into 0, which JSON cannot tell apart. */
const whole = (value: number): number => Math.round(value) + 0;

/** null: no data. Only the stable window decides that; the panic average is then 0 when dry. */
export const exactAveragesAt = (
  stable: Window,
  panic: Window,
  nowSecond: number,
): ExactAverages | null =>
  isWindowEmpty(stable, nowSecond)
    ? null
    : { stable: windowAverage(stable, nowSecond), panic: windowAverage(panic, nowSecond) };

/** The same of windows that hold thousandths, as they are sent. */
export const averagesAt = (stable: Window, panic: Window, nowSecond: number): Averages => {
  const exact = exactAveragesAt(stable, panic, nowSecond);
  if (exact === null) return noData;
  return { stableMilli: whole(exact.stable), panicMilli: whole(exact.panic) };
};
