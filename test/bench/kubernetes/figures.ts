/** The figures on Kubernetes: the bars of the design, and what Knative measured beside them. */
import type { Figure } from '../report/figure.ts';
import type { Summary } from '../report/statistics.ts';

const atMost =
  (limit: number) =>
  ({ max }: Summary): boolean =>
    max <= limit;
const takeoverMs = 3_000;
/** Decisions are made at ticks. */
const tickMs = 2_000;
const quick = ({ p50, p99 }: Summary): boolean => p50 <= 8 && p99 <= 17;
const quickBar = 'p50 ≤ 8, p99 ≤ 17 ms';

export const figures = {
  zeroToScale: {
    id: 'kubernetes-zero-to-scale',
    title: 'first request at zero → `/scale` patched',
    unit: 'ms',
    bar: quickBar,
    knative: 'p50 7.6, p99 17 ms',
    knativeP50: 7.6,
    meets: quick,
  },
  zeroToByte: {
    id: 'kubernetes-zero-to-byte',
    title: '… → first byte (the pod’s own start included)',
    unit: 'ms',
    bar: '',
    knative: 'p50 124, max 210 ms',
    knativeP50: 124,
  },
  neverSeen: {
    id: 'kubernetes-never-seen',
    title: '… → `/scale` patched, of workloads that never had a request',
    unit: 'ms',
    bar: quickBar,
    knative: 'p50 915, max 1,897 ms',
    knativeP50: 915,
    meets: quick,
  },
  callsPerChange: {
    id: 'kubernetes-calls-per-change',
    title: '… writes of the actuator to the API server for each change of replicas',
    unit: '',
    bar: 'aim 1',
    knative: '',
    meets: atMost(1),
  },
  tellingPerChange: {
    id: 'kubernetes-telling-per-change',
    title: '… and of the controller: the Event, and how it is now, on the Deployment',
    unit: '',
    bar: '',
    knative: '',
  },
  herd: {
    id: 'kubernetes-herd-100',
    title: '100 Deployments at zero, asked at once → each patched',
    unit: 'ms',
    bar: 'max ≤ 500 ms',
    knative: 'p50 3,034, max 8,013 ms',
    knativeP50: 3_034,
    meets: atMost(500),
  },
  burstFirst: {
    id: 'kubernetes-burst-first-change',
    title: 'one pod, 5 → 100 concurrent → first change',
    unit: 'ms',
    bar: '',
    knative: 'p50 1,422, max 2,262 ms',
    knativeP50: 1_422,
  },
  burstFull: {
    id: 'kubernetes-burst-to-13',
    title: '… → a scale of 13 or more',
    unit: 'ms',
    bar: '≤ 300 ms',
    knative: 'p50 7,040, max 7,980 ms',
    knativeP50: 7_040,
    meets: atMost(300),
  },
  sceneRate: {
    id: 'kubernetes-scene-rate',
    title: 'the scene: 50 concurrent, sleep, primes, 5 MB, through the activator',
    unit: 'req/s',
    bar: '≥ Knative’s (332)',
    knative: '329 to 353 req/s',
    knativeP50: 332,
    meets: ({ p50 }) => p50 >= 332,
  },
  sceneSlowest: {
    id: 'kubernetes-scene-slowest',
    title: '… slowest answer',
    unit: 'ms',
    bar: '≤ 600 ms',
    knative: '530 to 1,034 ms',
    knativeP50: 614,
    meets: atMost(600),
  },
  sceneRefused: {
    id: 'kubernetes-scene-not-200',
    title: '… answers other than 200, or none',
    unit: '',
    bar: '0',
    knative: '0',
    meets: atMost(0),
  },
  sceneActivator: {
    id: 'kubernetes-scene-activator',
    title: '… CPU of the activator for each request',
    unit: 'ms',
    bar: '',
    knative: '.40 ms',
    knativeP50: 0.4,
  },
  idle: {
    id: 'kubernetes-idle-100',
    title: '100 Deployments with one pod and no requests, CPU in 60 s, all of Flyball',
    unit: 's',
    bar: '≤ 1.5 s',
    knative: '3.4 s (autoscaler alone)',
    knativeP50: 3.4,
    meets: atMost(1.5),
  },
  idleCalls: {
    id: 'kubernetes-idle-calls',
    title: '… calls to the API server for each workload and minute',
    unit: '',
    bar: 'aim 0',
    knative: '',
    meets: ({ max }) => max < 0.1,
  },
  manyMemory: {
    id: 'kubernetes-many-memory',
    title: 'Deployments at zero: memory of watcher, actuator and controller together',
    unit: 'MiB',
    bar: '',
    knative: '1,000: –; 500: 236 MiB',
  },
  manyProcessor: {
    id: 'kubernetes-many-processor',
    title: '… CPU in 60 s, all of Flyball',
    unit: 's',
    bar: '',
    knative: '500: 1.7 s',
  },
  watchRestart: {
    id: 'kubernetes-watch-restart',
    title: '… watcher started again → everything seen',
    unit: 'ms',
    bar: '',
    knative: '',
  },
  watchRestartProcessor: {
    id: 'kubernetes-watch-restart-processor',
    title: '… CPU of that start, API server included',
    unit: 's',
    bar: '',
    knative: '',
  },
  deciderTakeover: {
    id: 'kubernetes-decider-takeover',
    title: 'one of two deciders killed → each partition has the next word of a decider',
    unit: 'ms',
    bar: '≤ 3 s and a tick',
    knative: '',
    meets: atMost(takeoverMs + tickMs),
  },
  movedByDeath: {
    id: 'kubernetes-moved-by-death',
    title: '… replica counts written meanwhile',
    unit: '',
    bar: '0',
    knative: '',
    meets: atMost(0),
  },
  actuatorTakeover: {
    id: 'kubernetes-actuator-takeover',
    title: 'one of two actuators killed, a setting changed → each of 48 Deployments patched',
    unit: 'ms',
    bar: '≤ 3 s and a tick',
    knative: '',
    meets: atMost(takeoverMs + tickMs),
  },
} as const satisfies Record<string, Figure>;
