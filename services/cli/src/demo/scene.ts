/** The two scenes of the demo: what is applied, what load comes, what must hold. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkloadKey } from '@flyball/contracts';
import { type ReadManifests, readAllManifests, readCommands } from '@flyball/knative';

export const repositoryRoot = join(import.meta.dirname, '../../../..');
const samples = join(repositoryRoot, 'samples');

/** How long things take: as the articles had it, or shortened. */
export interface Pace {
  readonly loadSeconds: number;
  /** Keys of config-autoscaler that differ from the articles' file. */
  readonly settings: Readonly<Record<string, string>>;
  /** Longest wait for the scale to settle after the load: windows, grace and a margin. */
  readonly settleLimitMs: number;
}

/** Both scenes begin at zero, which Knative allows only when it is told so. */
const fromZero = { 'allow-zero-initial-scale': 'true', 'initial-scale': '0' };

export const realPace: Pace = {
  loadSeconds: 30,
  settings: fromZero,
  settleLimitMs: 150_000,
};

export const fastPace: Pace = {
  loadSeconds: 10,
  settings: {
    ...fromZero,
    'stable-window': '6s',
    'panic-window': '1s',
    'scale-to-zero-grace-period': '2s',
  },
  settleLimitMs: 40_000,
};

export interface Scene {
  readonly title: string;
  readonly about: string;
  readonly file: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Replicas at the height of the load. */
  readonly peak: number;
  /** Replicas when it is quiet again. */
  readonly rest: number;
}

export const scenes: readonly Scene[] = [
  {
    title: 'Scene 1: from zero to five and back',
    about: 'target 10, percentage 1.0, 50 concurrent requests: 50 ÷ 10 = 5 pods',
    file: join(samples, 'scene-1.run-latest.yaml'),
    annotations: {},
    peak: 5,
    rest: 0,
  },
  {
    title: 'Scene 2: never more than three, one stays',
    about: 'the same with minScale 1 and maxScale 3, and a queue-proxy before each pod',
    file: join(samples, 'scene-2.run-latest.yaml'),
    annotations: { 'flyball.dev/queue-proxy': 'true' },
    peak: 3,
    rest: 1,
  },
];

/** `GET` this of the sample: 100 ms of sleep, the primes below 10,000, 5 MB. */
export const samplePath = '/?sleep=100&prime=10000&bloat=5';
export const sampleWorkload: WorkloadKey = 'default/autoscale-go';
export const concurrentRequests = 50;

const fileText = async (file: string) => ({ file, text: await readFile(file, 'utf8') });

/** The manifests of a scene at a pace, started by the commands of `commandsFile`. */
export const sceneManifests = async (
  scene: Scene,
  pace: Pace,
  commandsFile: string | undefined,
): Promise<ReadManifests> => {
  const table = await fileText(commandsFile ?? join(samples, 'commands.yaml'));
  const { commands } = readCommands(table);
  const texts = [
    await fileText(join(samples, 'config-autoscaler.yaml')),
    await fileText(scene.file),
  ];
  const read = readAllManifests(texts, { commands });
  const objects = read.objects.map((manifest) =>
    manifest.kind === 'ConfigMap'
      ? { ...manifest, data: { ...manifest.data, ...pace.settings } }
      : { ...manifest, annotations: { ...manifest.annotations, ...scene.annotations } },
  );
  return { ...read, objects };
};

/** What the articles published of scene 1 on a real cluster with Knative 0.7. */
export const publishedRun = {
  responses: 12_356,
  requestsPerSecond: 410.3,
  latencyMs: { fastest: 106.6, p50: 110.7, p90: 114.8, p99: 131.8, slowest: 2_852.8 },
} as const;
