/** Looks at the platform from outside, and writes down every replica count that should not be. */
import { setTimeout as wait } from 'node:timers/promises';
import type { LocalPlatformAdmin } from '@flyball/platform';
import { steadyReplicas } from './scene.ts';

const pollMs = 200;

export interface Deviation {
  readonly workload: string;
  readonly replicas: number;
  readonly atMs: number;
}

export interface ReplicaWatch extends AsyncDisposable {
  /** Each change away from the count that the load takes, since the last call. */
  take(): readonly Deviation[];
  /** Resolves with the names of the steady workloads' pods. */
  pods(): Promise<readonly string[]>;
}

/** Begins to look; a platform that does not answer is asked again. */
export const watchReplicas = (platform: LocalPlatformAdmin): ReplicaWatch => {
  const ending = new AbortController();
  const last = new Map<string, number>();
  let found: Deviation[] = [];
  const look = async (): Promise<void> => {
    for (const { workload, replicas } of await platform.workloads()) {
      const expected = steadyReplicas.get(workload);
      if (expected === undefined) continue;
      const isNews = replicas !== (last.get(workload) ?? expected);
      last.set(workload, replicas);
      if (isNews && replicas !== expected) found.push({ workload, replicas, atMs: Date.now() });
    }
  };
  const lookOn = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      // It is frozen at times.
      await look().catch(() => undefined);
      await wait(pollMs);
    }
  };
  const done = lookOn();
  return {
    take: () => {
      const taken = found;
      found = [];
      return taken;
    },
    pods: async () =>
      (await platform.pods())
        .filter(({ workload }) => steadyReplicas.has(workload))
        .map(({ pod }) => pod)
        .sort(),
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await done;
    },
  };
};
