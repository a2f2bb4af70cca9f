/** On what the figures were taken: they mean little without it. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { findServer } from '@flyball/cli';

export interface MachineFacts {
  readonly atMs: number;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  /** Of the last minute, when the facts were taken: what the neighbours do. */
  readonly loadAverage: number;
  readonly node: string;
  readonly nats: string;
  readonly redis: string;
}

const bytesPerGiB = 1024 ** 3;

const versionOf = async (
  name: 'nats-server' | 'redis-server',
  givenUrl: string | undefined,
  path: string,
): Promise<string> =>
  givenUrl === undefined ? (await findServer(name, path)).version : `at ${givenUrl}`;

/** Rejects with COMMAND_NOT_FOUND when there is neither a server nor the URL of one. */
export const machineFacts = async (
  env: Readonly<Record<string, string | undefined>>,
): Promise<MachineFacts> => ({
  atMs: Date.now(),
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? 'unknown',
  memoryGiB: Math.round(totalmem() / bytesPerGiB),
  loadAverage: loadavg()[0] ?? Number.NaN,
  node: process.version,
  nats: await versionOf('nats-server', env.FLYBALL_NATS_URL, env.PATH ?? ''),
  redis: await versionOf('redis-server', env.FLYBALL_REDIS_URL, env.PATH ?? ''),
});

export const machineLine = (facts: MachineFacts): string =>
  [
    `${facts.cores} cores (${facts.processor})`,
    `${facts.memoryGiB} GiB`,
    `load average ${facts.loadAverage.toFixed(2)}`,
    `node ${facts.node.replace(/^v/, '')}`,
    `nats-server ${facts.nats}`,
    `redis-server ${facts.redis}`,
  ].join(', ');
