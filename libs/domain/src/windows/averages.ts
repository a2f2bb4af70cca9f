/** The two averages that a decision is made from, in whole thousandths. */
import { isWindowEmpty, type Window, windowAverage } from './window.ts';

export interface Averages {
  readonly stableMilli: number | null;
  readonly panicMilli: number | null;
}

const noData: Averages = { stableMilli: null, panicMilli: null };
/** The sum with zero turns a rounded -0 into 0, which JSON cannot tell apart. */
const whole = (value: number): number => Math.round(value) + 0;

/** Only the stable window decides whether there is data; the panic average is then 0 when dry. */
export const averagesAt = (stable: Window, panic: Window, nowSecond: number): Averages =>
  isWindowEmpty(stable, nowSecond)
    ? noData
    : {
        stableMilli: whole(windowAverage(stable, nowSecond)),
        panicMilli: whole(windowAverage(panic, nowSecond)),
      };
