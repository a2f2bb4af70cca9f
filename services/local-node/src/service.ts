/** The local-node: configuration → node → API → metrics. */
import { resolve } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import { defineService, type Life } from '@flyball/service';
import type { z } from 'zod';
import { startApiServer } from './api-server.ts';
import { localNodeConfig, parseCommand } from './config.ts';
import { registerMetrics } from './metrics.ts';
import { startNode } from './node/node.ts';
import type { NodeSettings } from './node/node-settings.ts';
import { defaultProbeLimits } from './node/probing.ts';
import { defaultRestartLimits } from './node/supervised-process.ts';

type Config = Readonly<z.infer<typeof localNodeConfig>>;

const refuse = (message: string): OutsideError =>
  new OutsideError('PLATFORM_REFUSED', message, { retriable: false });

/** Pods are the user's programs: they get the user's environment, but none of our secrets. */
export const podBaseEnv = (
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !/^(FLYBALL_|NODE_CHANNEL_)/.test(entry[0]),
    ),
  );

const settingsOf = (
  config: Config,
  life: Life,
  baseEnv: Readonly<Record<string, string>>,
): NodeSettings => {
  const queueProxyCommand = parseCommand(config.queueProxyCommand);
  if (queueProxyCommand === undefined) {
    throw refuse('FLYBALL_QUEUE_PROXY_COMMAND must be a JSON array of texts, such as ["node","x"]');
  }
  return {
    dataDir: resolve(config.nodeFolder),
    baseEnv,
    podDir: resolve(config.podFolder),
    queueProxyCommand,
    podDelayMs: config.podDelayMs,
    limits: {
      podsMax: config.podsMax,
      drainDelayMs: config.podDrainDelayMs,
      terminationGraceMs: config.podGraceMs,
      shutdownGraceMs: Math.min(config.podShutdownGraceMs, config.drainLimitMs / 2),
      restart: defaultRestartLimits,
      probe: defaultProbeLimits,
    },
    clock: life.clock,
    logger: life.logger,
  };
};

/** The service; `env` is what the pods inherit, less what is ours. */
export const createLocalNodeService = (env: Readonly<Record<string, string | undefined>>) =>
  defineService({
    name: 'local-node',
    configSchema: localNodeConfig,
    start: async (config: Config, life: Life): Promise<void> => {
      if (config.platformToken === '') {
        throw refuse('FLYBALL_PLATFORM_TOKEN is not set; nobody may scale without a token');
      }
      const node = await startNode(settingsOf(config, life, podBaseEnv(env)));
      life.onClose('pods', node.close);
      const api = await startApiServer({
        node,
        host: config.nodeHost,
        port: config.nodePort,
        token: config.platformToken,
        clock: life.clock,
        logger: life.logger,
      });
      // Watchers are told at once that nothing is seen any more, and so take no drain for a crash.
      life.onDrain('api', api.close);
      registerMetrics(life.metrics, node, api.watchers);
      life.announce({ platformUrl: api.url });
    },
  });
