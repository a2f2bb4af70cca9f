/** The workloads of the mixed load: bursts, naps, long requests, and one whose policy changes. */
import { join } from 'node:path';
import { repositoryRoot } from '@flyball/cli';
import type { WorkloadKey } from '@flyball/contracts';
import type { WorkloadManifest } from '@flyball/knative';

const namespace = 'soak';
const domain = 'example.com';
const sample = [process.execPath, join(repositoryRoot, 'samples/autoscale/src/main.js')];
const timeoutSeconds = 300;

/** How one workload is asked, again and again. */
export interface Rhythm {
  readonly atOnce: number;
  readonly sleepMs: number;
  /** Each of those at once asks for this long, but once at least. */
  readonly forMs: number;
  /** Then nobody asks for this long. */
  readonly pauseMs: number;
}

export interface Actor {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly rhythm: Rhythm;
}

export const actors: readonly Actor[] = [
  {
    name: 'bursts',
    annotations: { target: '10', 'max-scale': '6' },
    rhythm: { atOnce: 30, sleepMs: 250, forMs: 10_000, pauseMs: 25_000 },
  },
  {
    name: 'naps',
    annotations: { target: '10', window: '6s', 'initial-scale': '0' },
    rhythm: { atOnce: 1, sleepMs: 50, forMs: 1, pauseMs: 20_000 },
  },
  {
    name: 'long',
    annotations: { target: '2', 'max-scale': '3' },
    rhythm: { atOnce: 3, sleepMs: 15_000, forMs: 1, pauseMs: 1_000 },
  },
  {
    name: 'turning',
    annotations: { target: '10', 'max-scale': '4' },
    rhythm: { atOnce: 6, sleepMs: 200, forMs: 60_000, pauseMs: 0 },
  },
];

/** The targets that `turning` is given in turn: six at once are one pod's, or two pods' load. */
export const turningTargets: readonly string[] = ['4', '10'];

export const keyOf = (name: string): WorkloadKey => `${namespace}/${name}`;
export const hostOf = (name: string): string => `${name}.${namespace}.${domain}`;

export const manifestOf = ({ name, annotations }: Actor): WorkloadManifest => ({
  kind: 'Deployment',
  namespace,
  name,
  annotations: {
    'flyball.dev/enabled': 'true',
    ...Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [`autoscaling.knative.dev/${key}`, value]),
    ),
  },
  containerConcurrency: 0,
  timeoutSeconds,
  command: sample,
  env: {},
  replicas: Number(annotations['initial-scale'] ?? 1),
  source: { file: 'soak', line: 0 },
});
