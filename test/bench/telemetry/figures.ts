/** What telemetry costs: each figure with its bar. */
import type { Figure } from '../report/figure.ts';

/** Where the same thing measured twice may differ on a machine that does other things, too. */
const tenth = 0.1;

const withinTenth: NonNullable<Figure['meets']> = ({ p50 }) => Math.abs(p50 - 1) <= tenth;

const ratio = (id: string, title: string): Figure => ({
  ...{ id, title: `CPU per request: ${title} ÷ off`, unit: '×', bar: '', knative: '' },
});

export const figures = {
  noise: {
    ...ratio('telemetry-cpu-off-again', 'off, a second one,'),
    ...{ bar: '0.9 to 1.1: noise', meets: withinTenth },
  },
  one: {
    ...ratio('telemetry-cpu-one-percent', '1 % told'),
    ...{ bar: '≤ 1.1: as noise', meets: ({ p50 }) => p50 <= 1 + tenth },
  },
  all: ratio('telemetry-cpu-all', 'all told'),
  memoryOff: {
    ...{ id: 'telemetry-memory-off', title: 'Resident memory of the activator, off' },
    ...{ unit: 'MiB', bar: '', knative: '' },
  },
  memoryAll: {
    ...{ id: 'telemetry-memory-all', title: 'Resident memory of the activator, all told' },
    ...{ unit: 'MiB', bar: '', knative: '' },
  },
  hooksOff: {
    ...{ id: 'telemetry-hooks-off-ns', title: "A request's turns alone, tracing off" },
    ...{ unit: 'ns', bar: '', knative: '' },
  },
  hooksOn: {
    ...{ id: 'telemetry-hooks-on-ns', title: 'the same, tracing on, the request not told' },
    ...{ unit: 'ns', bar: '', knative: '' },
  },
  hooksTold: {
    ...{ id: 'telemetry-hooks-told-ns', title: 'the same, told, but not sent' },
    ...{ unit: 'ns', bar: '', knative: '' },
  },
  scaleOff: {
    ...{ id: 'telemetry-scale-off-ms', title: 'First request at zero → scale accepted, off' },
    ...{ unit: 'ms', bar: '', knative: '' },
  },
  scaleOffAgain: {
    ...{ id: 'telemetry-scale-off-again-ms', title: 'the same, off, a second Flyball' },
    ...{ unit: 'ms', bar: '', knative: '' },
  },
  scaleOn: {
    ...{ id: 'telemetry-scale-on-ms', title: 'the same, every span told' },
    ...{ unit: 'ms', bar: '', knative: '' },
  },
} as const satisfies Record<string, Figure>;
