/** The local-node: configuration → node → API → metrics. */
import { resolve } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import { defineService, type Life } from '@flyball/service';
import { Counter, Gauge } from 'prom-client';
import type { z } from 'zod';
import { startApiServer } from './api-server.ts';
import { localNodeConfig, parseCommand } from './config.ts';
import { type Node, startNode } from './node/node.ts';
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

const podState = ({ ready, unreadyReason }: { ready: boolean; unreadyReason: string | null }) =>
  ready ? 'ready' : (unreadyReason ?? 'starting');

const podStates = ['ready', 'starting', 'draining', 'crashed', 'probe-failed', 'unknown'] as const;

const registerMetrics = (life: Life, node: Node, watchers: () => number): void => {
  const registers = [life.metrics];
  const workloads = (): number => node.objects.list().length;
  new Gauge({
    name: 'flyball_local_node_pods',
    help: 'Pods by state.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of podStates) {
        const count = node.pods.list().filter((pod) => podState(pod) === state).length;
        this.set({ state }, count);
      }
    },
  });
  new Gauge({
    name: 'flyball_local_node_workloads',
    help: 'Workloads that this node holds.',
    registers,
    collect() {
      this.set(workloads());
    },
  });
  new Gauge({
    name: 'flyball_local_node_open_watches',
    help: 'Open watches.',
    registers,
    collect() {
      this.set(watchers());
    },
  });
  new Counter({
    name: 'flyball_local_node_pod_crashes_total',
    help: 'Processes of pods that ended unasked.',
    registers,
    collect() {
      this.reset();
      this.inc(node.crashes());
    },
  });
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
      registerMetrics(life, node, api.watchers);
      life.announce({ platformUrl: api.url });
    },
  });
