/** Cold starts in the middle of a fault: the whole way from a held request to its answer. */
import { setTimeout as wait } from 'node:timers/promises';
import type { LocalPlatformAdmin } from '@flyball/platform';
import { ask } from '../../e2e/harness/ask.ts';
import { until } from '../../e2e/harness/until.ts';
import { hostOf, keyOf, probeNames } from './scene.ts';

const restLimitMs = 60_000;
const answerLimitMs = 60_000;
const refusedPauseMs = 50;

export interface ProbeAnswer {
  readonly workload: string;
  /** A status, or the error of the connection. */
  readonly how: string;
  readonly tookMs: number;
}

export interface Probes {
  /** Resolves when a workload is at zero, and keeps it for `ask`. */
  ready(): Promise<string>;
  /** One request to the workload at zero; while the gateway refuses connections it waits. */
  ask(name: string): Promise<ProbeAnswer>;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

export const createProbes = (platform: LocalPlatformAdmin, gatewayUrl: string): Probes => {
  let turn = 0;
  const isAtRest = async (name: string): Promise<boolean> => {
    const workload = (await platform.workloads()).find((one) => one.workload === keyOf(name));
    const pods = (await platform.pods()).filter((pod) => pod.workload === keyOf(name));
    return workload?.replicas === 0 && pods.length === 0;
  };
  const answer = async (name: string): Promise<string> => {
    const late = wait(answerLimitMs, 'no answer', { ref: false });
    for (;;) {
      const asked = ask(gatewayUrl, hostOf(name)).then(({ status }) => String(status), codeOf);
      const how = await Promise.race([asked, late]);
      if (how !== 'ECONNREFUSED') return how;
      await wait(refusedPauseMs);
    }
  };
  return {
    ready: async () => {
      const name = probeNames[turn % probeNames.length] ?? '';
      turn += 1;
      await until(`${name} is at zero`, { limitMs: restLimitMs }, () => isAtRest(name));
      return name;
    },
    ask: async (name) => {
      const beganAtMs = performance.now();
      const how = await answer(name);
      return { workload: keyOf(name), how, tookMs: performance.now() - beganAtMs };
    },
  };
};
