/** The workloads under load: as many replicas as each has, it must keep through every fault. */
import { join } from 'node:path';
import { repositoryRoot } from '@flyball/cli';
import type { WorkloadKey } from '@flyball/contracts';
import type { WorkloadManifest } from '@flyball/knative';
import type { Stream } from '../load/load-wire.ts';

const namespace = 'faults';
const domain = 'example.com';
const sample = [process.execPath, join(repositoryRoot, 'samples/autoscale/src/main.js')];
/** Its process runs and never listens, so that every request is held. */
const neverListens = [process.execPath, '-e', 'setInterval(() => {}, 1000)'];
/** The longest that a policy allows: a held request ends with 504 then, which is an answer. */
const heldSeconds = 600;
/** Clients wait longer. */
export const heldLimitMs = 660_000;
const timeoutSeconds = 300;

interface Actor {
  readonly name: string;
  /** As many as its load takes; undefined for those that come and go. */
  readonly replicas: number | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly load?: { readonly atOnce: number; readonly sleepMs: number };
  readonly containerConcurrency?: number;
  readonly held?: true;
}

const scaling = (settings: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`autoscaling.knative.dev/${key}`, value]),
  );

const probeCount = 4;
export const probeNames: readonly string[] = Array.from(
  { length: probeCount },
  (_, index) => `probe-${index}`,
);

/**
 * Averages in the middle between two replica counts: only a mistake moves them. Requests that take
 * long leave a client that is short of processor time little of a gap between two of them.
 */
const actors: readonly Actor[] = [
  {
    name: 'steady-two',
    replicas: 2,
    annotations: scaling({ target: '10' }),
    load: { atOnce: 15, sleepMs: 600 },
  },
  {
    name: 'steady-one',
    replicas: 1,
    annotations: scaling({ target: '10' }),
    load: { atOnce: 5, sleepMs: 400 },
  },
  {
    // Counted by its queue-proxies, which hold two each at most.
    name: 'guarded',
    replicas: 2,
    annotations: { ...scaling({ target: '2' }), 'flyball.dev/queue-proxy': 'true' },
    load: { atOnce: 3, sleepMs: 400 },
    containerConcurrency: 2,
  },
  { name: 'still', replicas: 1, annotations: scaling({ 'min-scale': '1' }) },
  {
    name: 'held',
    replicas: 1,
    annotations: scaling({ target: '10' }),
    load: { atOnce: 3, sleepMs: 0 },
    held: true,
  },
  ...probeNames.map((name) => ({
    name,
    replicas: undefined,
    annotations: scaling({ target: '10', 'initial-scale': '0', window: '6s' }),
  })),
];

/** No share of the target kept free; Knative's own windows unless they are short. */
export const settings = (isShort: boolean): Readonly<Record<string, string>> => ({
  // Shorter than most faults with what follows them: nothing is left of before.
  ...(isShort ? { 'stable-window': '10s' } : {}),
  'container-concurrency-target-percentage': '100',
  'scale-to-zero-grace-period': '2s',
  'allow-zero-initial-scale': 'true',
});

export const keyOf = (name: string): WorkloadKey => `${namespace}/${name}`;
export const hostOf = (name: string): string => `${name}.${namespace}.${domain}`;

export const manifests = (): readonly WorkloadManifest[] =>
  actors.map(({ name, annotations, containerConcurrency = 0, held, replicas }) => ({
    kind: 'Deployment',
    namespace,
    name,
    annotations: { 'flyball.dev/enabled': 'true', ...annotations },
    containerConcurrency,
    timeoutSeconds: held === true ? heldSeconds : timeoutSeconds,
    command: held === true ? neverListens : sample,
    env: {},
    replicas: replicas ?? 0,
    source: { file: 'faults', line: 0 },
  }));

/** What must not move, and how many replicas each has. */
export const steadyReplicas: ReadonlyMap<string, number> = new Map(
  actors.flatMap(({ name, replicas }) =>
    replicas === undefined ? [] : [[keyOf(name), replicas] as const],
  ),
);

/** Those whose pods never become ready. */
export const heldWorkload = keyOf('held');

export const streams = (): Stream[] =>
  actors.flatMap(({ name, load, held = false }) =>
    load === undefined
      ? []
      : [
          {
            workload: keyOf(name),
            host: hostOf(name),
            path: held ? '/' : `/?sleep=${load.sleepMs}`,
            atOnce: load.atOnce,
            held,
          },
        ],
  );
