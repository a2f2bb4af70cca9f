/** The figures of the pipeline: the bars of the design, and what Knative measured beside them. */
import type { Figure } from '../report/figure.ts';
import type { Summary } from '../report/statistics.ts';

/** Both ends of the bar for a first request. */
const quick = ({ p50, p99 }: Summary): boolean => p50 <= 5 && p99 <= 15;
const quickBar = 'p50 ≤ 5, p99 ≤ 15 ms';
/** Knative without statistics: a new scaler, or an autoscaler that restarted. */
const coldKnative = { knative: 'p50 915, max 1,897 ms', knativeP50: 915 };
const takeoverLimitMs = 3_000;
const slowestFirstMs = 15;

const atMost =
  (limit: number) =>
  ({ max }: Summary): boolean =>
    max <= limit;
const exactly =
  (wanted: number) =>
  ({ p50, max }: Summary): boolean =>
    p50 === wanted && max === wanted;

export const figures = {
  zeroToScale: {
    id: 'zero-to-scale',
    title: 'first request at zero → scale accepted',
    unit: 'ms',
    bar: quickBar,
    knative: 'p50 7.6, p99 17 ms',
    knativeP50: 7.6,
    meets: quick,
  },
  takeover: {
    id: 'decider-killed',
    title: '… at the moment at which the decider is killed',
    unit: 'ms',
    bar: '≤ 3 s, once',
    ...coldKnative,
    meets: atMost(takeoverLimitMs + slowestFirstMs),
  },
  afterRestart: {
    id: 'decider-restarted',
    title: '… the first ones decided by the next one',
    unit: 'ms',
    bar: quickBar,
    ...coldKnative,
    meets: quick,
  },
  neverSeen: {
    id: 'never-seen',
    title: '… of workloads that never had one',
    unit: 'ms',
    bar: quickBar,
    ...coldKnative,
    meets: quick,
  },
  pokeQuiet: {
    id: 'poke-to-decision',
    title: 'sample published → decision recorded, when it pokes',
    unit: 'ms',
    bar: '',
    knative: 'tick of 2 s',
  },
  pokeBusy: {
    id: 'poke-to-decision-1000',
    title: '… beside 1,000 workloads at 1 sample/s',
    unit: 'ms',
    bar: 'p50 ≤ 5, p99 ≤ 20 ms',
    knative: 'tick of 2 s',
    meets: ({ p50, p99 }) => p50 <= 5 && p99 <= 20,
  },
  acceptToByte: {
    id: 'accept-to-first-byte',
    title: 'pod accepts connections → first byte to the held client',
    unit: 'ms',
    bar: 'p99 ≤ 15 ms',
    knative: 'p50 20, p99 127 ms',
    knativeP50: 20,
    meets: ({ p99 }) => p99 <= 15,
  },
  herd: {
    id: 'herd-100',
    title: '100 workloads at zero, asked at once → each scale accepted',
    unit: 'ms',
    bar: 'max ≤ 500 ms',
    knative: 'p50 3,034, max 8,013 ms',
    knativeP50: 3_034,
    meets: atMost(500),
  },
  herdAnswered: {
    id: 'herd-100-answered',
    title: '… of the 100 requests, answered 200',
    unit: '',
    bar: '100',
    knative: '100',
    meets: exactly(100),
  },
  herd500: {
    id: 'herd-500',
    title: '500 at once (their pods are never started)',
    unit: 'ms',
    bar: 'max ≤ 1,500 ms',
    knative: '',
    meets: atMost(1_500),
  },
  burstFirst: {
    id: 'burst-first-change',
    title: 'one pod, 5 → 100 concurrent → first change',
    unit: 'ms',
    bar: '',
    knative: 'p50 1,422, max 2,262 ms',
    knativeP50: 1_422,
  },
  burstFull: {
    id: 'burst-to-13',
    title: '… → a scale of 13 or more',
    unit: 'ms',
    bar: '≤ 300 ms (issue B)',
    knative: 'p50 7,040, max 7,980 ms',
    knativeP50: 7_040,
    meets: atMost(300),
  },
  fifty: {
    id: 'fifty-from-zero',
    title: '50 concurrent from zero → the full answer decided',
    unit: 'ms',
    bar: '≤ 250 ms',
    knative: '1.1 to 7.6 s',
    knativeP50: 1_230,
    meets: atMost(250),
  },
  sceneRate: {
    id: 'scene-rate',
    title: 'the scene: 50 concurrent, sleep, primes, 5 MB',
    unit: 'req/s',
    bar: '≥ Knative’s (332)',
    knative: '329 to 353 req/s',
    knativeP50: 332,
    meets: ({ p50 }) => p50 >= 332,
  },
  sceneMedian: {
    id: 'scene-p50',
    title: '… median answer',
    unit: 'ms',
    bar: '',
    knative: '128 to 135 ms',
    knativeP50: 135,
  },
  sceneP99: {
    id: 'scene-p99',
    title: '… p99',
    unit: 'ms',
    bar: '',
    knative: '305 to 444 ms',
    knativeP50: 363,
  },
  sceneSlowest: {
    id: 'scene-slowest',
    title: '… slowest answer',
    unit: 'ms',
    bar: '≤ 600 ms',
    knative: '530 to 1,034 ms',
    knativeP50: 614,
    meets: atMost(600),
  },
  sceneRefused: {
    id: 'scene-not-200',
    title: '… answers other than 200, or none',
    unit: '',
    bar: '0',
    knative: '0',
    meets: exactly(0),
  },
  scenePods: {
    id: 'scene-pods',
    title: '… pods at its height',
    unit: '',
    bar: '5',
    knative: '7 (at its 70 %)',
    meets: exactly(5),
  },
  sceneActivator: {
    id: 'scene-activator',
    title: '… CPU of the activator for each request',
    unit: 'ms',
    bar: '',
    knative: '.40 ms',
    knativeP50: 0.4,
  },
  idle: {
    id: 'idle',
    title: 'workloads with one pod and no requests, CPU in 60 s, all parts',
    unit: 's',
    bar: '≤ 1.5 s (of 100)',
    knative: '3.4 s (of 100; 20: 1.0)',
    meets: atMost(1.5),
  },
  idleOneProcess: {
    id: 'idle-one-process',
    title: '… the same with all stages in one process (`flyball all`)',
    unit: 's',
    bar: '≤ 1.5 s (of 100)',
    knative: '3.4 s (of 100; 20: 1.0)',
    meets: atMost(1.5),
  },
} as const satisfies Record<string, Figure>;
