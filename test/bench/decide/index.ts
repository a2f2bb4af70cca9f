/** The benchmark of the pure stages: no server, no process, one thread, warm. */
import type { BenchContext } from '../bench-context.ts';
import type { Figure, Measured } from '../report/figure.ts';
import { shortNumber } from '../report/table.ts';
import { dayFigure, measuredStages, rateFigure, sizes, windowLengths } from './figures.ts';
import { hoursOfDay, recordHours, redecide, ticksOf } from './past.ts';
import { measureRates } from './rates.ts';

const panicShare = 10;
const roundMs = 600;
const fastRoundMs = 100;
const dayRoundsWarm = 2;

const spreadOf = (values: readonly number[]): string =>
  `${shortNumber(Math.min(...values))} to ${shortNumber(Math.max(...values))}`;

/** What a rate means for one workload: nobody has a feeling for ticks of ten thousand. */
const noteOf = (values: readonly number[], workloads: number): string => {
  const median = [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const each = 1e9 / (median * workloads);
  return `${spreadOf(values)} over ${values.length} rounds; ${shortNumber(each)} ns a workload`;
};

const measureDay = (rounds: number, tell: BenchContext['tell']): Measured => {
  tell(`${ticksOf(hoursOfDay)} ticks of one workload: recorded, then decided again …`);
  const day = recordHours(hoursOfDay);
  for (let round = 0; round < dayRoundsWarm; round += 1) redecide(day);
  const times = Array.from({ length: rounds }, () => redecide(day));
  const values = times.map(({ tookMs }) => tookMs);
  const processorMs = spreadOf(times.map((one) => one.processorMs));
  const { history, decided } = day;
  const told = `${history.minutes.length} minutes, ${decided.length} decisions`;
  return {
    figure: dayFigure,
    values,
    note: `${processorMs} ms of processor time; ${told}, none different`,
  };
};

/** Measures each size and window; rejects when the signal aborts. */
export const runDecideBench = async (
  { tell, fast, signal }: BenchContext,
  { rounds }: { readonly rounds: number },
): Promise<readonly Measured[]> => {
  const measured: Measured[] = [];
  for (const window of windowLengths) {
    for (const workloads of sizes) {
      tell(`${workloads} workloads, windows of ${window.name} …`);
      const { windowMs } = window;
      const policy = { stableWindowMs: windowMs, panicWindowMs: windowMs / panicShare };
      const round = fast ? fastRoundMs : roundMs;
      const rates = measureRates({ workloads, policy, rounds, roundMs: round }, signal);
      for (const stage of measuredStages) {
        const figure: Figure = rateFigure(stage, workloads, window);
        const values = rates[stage];
        measured.push({ figure, values, note: noteOf(values, workloads) });
      }
    }
  }
  signal.throwIfAborted();
  return [...measured, measureDay(rounds, tell)];
};
