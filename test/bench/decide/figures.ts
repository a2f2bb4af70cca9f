/** The figures of the pure stages, and the one bar that the design sets for them. */
import type { Figure } from '../report/figure.ts';

export const sizes = [1, 1_000, 10_000] as const;
/** Length of the stable window; the panic window is a tenth of it. */
export const windowLengths = [
  { name: '60 s', windowMs: 60_000 },
  { name: '1 h', windowMs: 3_600_000 },
] as const;

export const measuredStages = ['windower', 'decider', 'together'] as const;
export type MeasuredStage = (typeof measuredStages)[number];

const titles: Readonly<Record<MeasuredStage, string>> = {
  windower: 'the windower alone',
  decider: '… the decider alone',
  together: '… both, one after the other',
};

const numeral = new Intl.NumberFormat('en');

/** A tick falls every 2 s: 0.5 of them a second are one partition of this size, kept up with. */
export const rateFigure = (
  stage: MeasuredStage,
  workloads: number,
  window: (typeof windowLengths)[number],
): Figure => {
  const what = workloads === 1 ? '1 workload' : `${numeral.format(workloads)} workloads`;
  return {
    id: `ticks-${stage}-${workloads}-${window.windowMs / 1000}s`,
    title: stage === 'windower' ? `${what}, ${window.name}: ${titles[stage]}` : titles[stage],
    unit: 'ticks/s',
    bar: '',
    knative: '',
  };
};

export const dayFigure: Figure = {
  id: 'day-redecided',
  title: 'one day of one busy workload (43,200 ticks) decided again from its minutes',
  unit: 'ms',
  bar: '≤ 500 ms',
  knative: '',
  meets: ({ p50 }) => p50 <= 500,
};
