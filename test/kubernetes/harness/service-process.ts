/** One replica of a service of ours, as a process: started, hurt, ended. */
import { join } from 'node:path';
import { until } from '../../e2e/harness/until.ts';
import { type PartProcess, startProcess } from '../control-plane/part-process.ts';
import { repositoryRoot } from '../node/commands.ts';

const readyLimitMs = 60_000;
const compileCache = join(repositoryRoot, 'node_modules/.cache/flyball');

export interface ServicePlan {
  /** Of its folder in services/. */
  readonly service: string;
  readonly instance: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface ServiceReplica {
  readonly service: string;
  readonly instance: string;
  readonly process: PartProcess;
  /** Where its /readyz and /metrics are. */
  readonly healthUrl: string;
}

const healthUrlIn = (message: unknown): string | undefined => {
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, healthUrl = '' } = message as { type?: unknown; healthUrl?: unknown };
  return type === 'listening' ? String(healthUrl) : undefined;
};

/** Starts it and waits until it says that it listens; rejects with its last words. */
export const startService = async (plan: ServicePlan): Promise<ServiceReplica> => {
  const { service, instance, folder, env } = plan;
  let healthUrl: string | undefined;
  const process = await startProcess({
    ...{ name: `${service}-${instance}`, folder, program: globalThis.process.execPath },
    args: [
      ...['--disable-warning=ExperimentalWarning', '--max-semi-space-size=16'],
      join(repositoryRoot, 'services', service, 'src/main.ts'),
    ],
    env: { ...env, FLYBALL_INSTANCE: instance, NODE_COMPILE_CACHE: compileCache },
    onMessage: (message) => {
      healthUrl ??= healthUrlIn(message);
    },
  });
  const seen = () => process.lastLines();
  const limitMs = readyLimitMs;
  const found = await until(`${service} listens`, { limitMs, seen }, async () => {
    if (!process.running()) throw new Error(`${service} ended at once:\n${await seen()}`);
    return healthUrl;
  });
  return { service, instance, process, healthUrl: found };
};
