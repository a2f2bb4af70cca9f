/** Who may write what: one pen per kind of service, from which NATS permissions are generated. */
import type { EventName } from './events/index.ts';

export const stages = [
  'collector',
  'windower',
  'decider',
  'actuator',
  'watcher',
  'activator',
] as const;
export type StageName = (typeof stages)[number];
/** `operator`: a person at the command line, who settles dead letters. */
export type PenHolder = StageName | 'operator';

export interface PenRow {
  /** Who holds the pen; `samples` and `deadLetters` have several holders. */
  readonly stages: readonly PenHolder[];
  readonly scope: 'partition' | 'workload';
  /** Subject with `*` for each token that varies; what the pen's holder may publish. */
  readonly subject: string;
  readonly stream: 'EVENTS' | 'SAMPLES' | 'MINUTES' | 'DEADLETTERS';
  /** Fenced: an append names the last sequence of its subject that the writer has folded. */
  readonly fenced: boolean;
  readonly events: readonly EventName[];
}

const perWorkload = 'flyball.events.*.*.*';

export const pens = {
  ticks: {
    stages: ['windower'],
    scope: 'partition',
    subject: 'flyball.events.*.ticks',
    stream: 'EVENTS',
    fenced: true,
    events: ['TickObserved'],
  },
  progress: {
    stages: ['decider'],
    scope: 'partition',
    subject: 'flyball.events.*.progress',
    stream: 'EVENTS',
    fenced: true,
    events: ['DecidedThrough'],
  },
  incidents: {
    stages: ['watcher'],
    scope: 'partition',
    subject: 'flyball.events.*.incidents',
    stream: 'EVENTS',
    fenced: true,
    events: ['LogTruncated'],
  },
  policy: {
    stages: ['watcher'],
    scope: 'workload',
    subject: `${perWorkload}.policy`,
    stream: 'EVENTS',
    fenced: true,
    events: ['PolicySet', 'PolicyRefused'],
  },
  platform: {
    stages: ['watcher'],
    scope: 'workload',
    subject: `${perWorkload}.platform`,
    stream: 'EVENTS',
    fenced: true,
    events: [
      'WorkloadAppeared',
      'WorkloadGone',
      'WorkloadReachable',
      'WorkloadUnreachable',
      'PodAppeared',
      'PodReady',
      'PodUnready',
      'PodGone',
      'PlatformUnseen',
      'PlatformSeen',
      'ReplicasDrifted',
    ],
  },
  decisions: {
    stages: ['decider'],
    scope: 'workload',
    subject: `${perWorkload}.decisions`,
    stream: 'EVENTS',
    fenced: true,
    events: ['Decided'],
  },
  actions: {
    stages: ['actuator'],
    scope: 'workload',
    subject: `${perWorkload}.actions`,
    stream: 'EVENTS',
    fenced: true,
    events: ['ScaleApplied', 'ScaleFailed', 'ScaleSuperseded', 'RoutingApplied', 'RoutingFailed'],
  },
  requests: {
    stages: ['activator'],
    scope: 'workload',
    subject: `${perWorkload}.requests.*`,
    stream: 'EVENTS',
    fenced: false,
    events: ['RequestsCounted', 'ColdStartCompleted', 'WakeRequested'],
  },
  lost: {
    stages: ['watcher'],
    scope: 'workload',
    subject: `${perWorkload}.requests.lost`,
    stream: 'EVENTS',
    fenced: true,
    events: ['RequestsLost'],
  },
  minutes: {
    stages: ['windower'],
    scope: 'workload',
    subject: 'flyball.minutes.*.*.*',
    stream: 'MINUTES',
    fenced: true,
    events: ['MinuteRecorded'],
  },
  samples: {
    stages: ['activator', 'collector', 'operator'],
    scope: 'partition',
    subject: 'flyball.samples.*',
    stream: 'SAMPLES',
    fenced: false,
    events: ['SamplesReported'],
  },
  deadLetters: {
    stages,
    scope: 'partition',
    subject: 'flyball.deadletters.*.*',
    stream: 'DEADLETTERS',
    fenced: false,
    events: ['DeadLettered'],
  },
  answers: {
    stages: ['operator'],
    scope: 'partition',
    subject: 'flyball.deadletters.*.*.*',
    stream: 'DEADLETTERS',
    fenced: false,
    events: ['DeadLetterRetried', 'DeadLetterDropped'],
  },
} as const satisfies Record<string, PenRow>;

export type Pen = keyof typeof pens;
