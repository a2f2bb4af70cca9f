/** The workloads of the bench: made by the dozen, waited for, taken away. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { repositoryRoot } from '@flyball/cli';
import type { WorkloadKey } from '@flyball/contracts';
import type { WorkloadManifest } from '@flyball/knative';
import pLimit from 'p-limit';
import type { PlainBed } from './bed.ts';

const namespace = 'bench';
const timeoutSeconds = 300;
const pollMs = 100;
/** Objects made or deleted at the same time. */
const callsAtOnce = 8;
const policyLimitMs = 60_000;

const programs = {
  /** Answers at once with the moment of its listening. */
  listening: join(import.meta.dirname, 'listening-pod.mjs'),
  /** The sample: `?sleep=100`. */
  sample: join(repositoryRoot, 'samples/autoscale/src/main.js'),
} as const;

export interface WorkloadsWanted {
  readonly name: string;
  readonly count: number;
  /** Without the prefix `autoscaling.knative.dev/`. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly program?: keyof typeof programs;
  /** Until each has a policy; a minute where nothing is said. */
  readonly limitMs?: number;
}

const manifestOf = (name: string, wanted: WorkloadsWanted): WorkloadManifest => ({
  kind: 'Deployment',
  namespace,
  name,
  annotations: Object.fromEntries(
    Object.entries(wanted.annotations).map(([key, value]) => [
      `autoscaling.knative.dev/${key}`,
      value,
    ]),
  ),
  containerConcurrency: 0,
  timeoutSeconds,
  command: [process.execPath, programs[wanted.program ?? 'listening']],
  env: {},
  replicas: Number(wanted.annotations['initial-scale'] ?? 1),
  source: { file: 'bench', line: 0 },
});

/** Makes them, and resolves with their names when each has a policy in the log. */
export const makeWorkloads = async (
  { platform, watch }: PlainBed,
  wanted: WorkloadsWanted,
): Promise<readonly WorkloadKey[]> => {
  const names = Array.from({ length: wanted.count }, (_, index) => `${wanted.name}-${index}`);
  const keys = names.map((name): WorkloadKey => `${namespace}/${name}`);
  const without = new Set<string>(keys);
  const unfollow = watch.follow(({ event }) => {
    if (event.type === 'PolicySet') without.delete(event.workload ?? '');
  });
  const limit = pLimit(callsAtOnce);
  const untilMs = performance.now() + (wanted.limitMs ?? policyLimitMs);
  try {
    await Promise.all(names.map((name) => limit(() => platform.apply(manifestOf(name, wanted)))));
    while (without.size > 0) {
      if (performance.now() > untilMs) {
        throw new Error(`${without.size} of ${wanted.count} workloads have no policy`);
      }
      await wait(pollMs);
    }
  } finally {
    unfollow();
  }
  return keys;
};

/** Resolves when each asks for `replicas` and as many of its pods are there and ready. */
export const untilAtRest = async (
  { platform }: PlainBed,
  workloads: readonly WorkloadKey[],
  replicas: number,
  limitMs: number,
): Promise<void> => {
  const untilMs = performance.now() + limitMs;
  for (;;) {
    const wanted = new Set<WorkloadKey>(workloads);
    const asked = (await platform.workloads()).filter(({ workload }) => wanted.has(workload));
    const pods = (await platform.pods()).filter(({ workload }) => wanted.has(workload));
    const ready = pods.filter((pod) => pod.ready).length;
    const total = replicas * workloads.length;
    const asksWrongly = asked.filter((one) => one.replicas !== replicas).length;
    if (asksWrongly === 0 && pods.length === total && ready === total) return;
    if (performance.now() > untilMs) {
      throw new Error(
        `not at ${replicas} replicas within ${limitMs} ms: ${asksWrongly} of ${workloads.length} ` +
          `ask for another number, ${pods.length} pods are there, ${ready} ready`,
      );
    }
    await wait(pollMs);
  }
};

export const deleteWorkloads = async (
  { platform }: PlainBed,
  workloads: readonly WorkloadKey[],
): Promise<void> => {
  const limit = pLimit(callsAtOnce);
  await Promise.all(workloads.map((workload) => limit(() => platform.delete(workload))));
};
