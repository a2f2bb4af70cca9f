/** The figures of one size: how late, how dear, how large, and whether anything is missing. */
import type { Figure } from '../report/figure.ts';

const lagBarMs = 500;
/** 28 cores at 60 % for 3,000 services, as a user reported: CPU seconds of one service and hour. */
const reportedSeconds = 20.2;
const numeral = new Intl.NumberFormat('en');

const lag = (workloads: number, id: string, title: string): Figure => ({
  id: `scale-${workloads}-${id}`,
  title,
  unit: 'ms',
  bar: `p99 ≤ ${lagBarMs} ms`,
  knative: '',
  meets: ({ p99 }) => p99 <= lagBarMs,
});

const none = (workloads: number, id: string, title: string): Figure => ({
  id: `scale-${workloads}-${id}`,
  title,
  unit: '',
  bar: '0',
  knative: '',
  meets: ({ max }) => max === 0,
});

const shown = (workloads: number, id: string, title: string, unit: string): Figure => ({
  ...{ id: `scale-${workloads}-${id}`, title, unit, bar: '', knative: '' },
});

/** All figures of a number of workloads with one sample a second each. */
export const scaleFigures = (workloads: number) =>
  ({
    observed: lag(
      workloads,
      'observed',
      `${numeral.format(workloads)} workloads: tick due → its last part recorded`,
    ),
    decided: lag(workloads, 'decided', '… tick due → all its decisions recorded'),
    caughtUp: shown(
      workloads,
      'caught-up',
      '… all made at once: last policy recorded → a tick since decided in all partitions',
      'ms',
    ),
    firstDecided: shown(
      workloads,
      'first-decided',
      '… tick due → decided, until a stable window is covered for the first time',
      'ms',
    ),
    ticksMissing: none(workloads, 'ticks-missing', '… ticks not observed, or not decided'),
    minutesMissing: none(
      workloads,
      'minutes-missing',
      '… workload-minutes not recorded exactly as published',
    ),
    processor: {
      ...shown(workloads, 'cpu', '… CPU of all parts, a workload and hour', 's'),
      knative: '20.2 s (of 3,000, a user’s report)',
      knativeP50: reportedSeconds,
    },
    memory: shown(workloads, 'memory', '… memory of all parts', 'MiB'),
    samplesBytes: shown(
      workloads,
      'samples-bytes',
      '… SAMPLES, a workload and day, kept 3 min',
      'kB',
    ),
    transportBytes: shown(
      workloads,
      'transport-bytes',
      '… EVENTS, the same, ticks and progress, until purged',
      'kB',
    ),
    eventsBytes: shown(workloads, 'events-bytes', '… EVENTS, the same, kept', 'kB'),
    minutesBytes: shown(workloads, 'minutes-bytes', '… MINUTES, the same, kept', 'kB'),
  }) as const satisfies Record<string, Figure>;

export type ScaleFigures = ReturnType<typeof scaleFigures>;
