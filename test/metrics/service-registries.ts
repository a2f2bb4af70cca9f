/** The registry of each service, as the service itself fills it, over adapters in memory. */
import { startActivator } from '@flyball/activator';
import { startActuator } from '@flyball/actuator';
import { startCollector } from '@flyball/collector';
import { startConsole } from '@flyball/console';
import { startDecider } from '@flyball/decider';
import { type EventLog, startMemoryServer } from '@flyball/event-log';
import { registerMetrics as registerNode } from '@flyball/local-node/metrics';
import { createMemoryPlatform } from '@flyball/platform';
import {
  beginLife,
  countClusterCalls,
  type Life,
  ownPartitions,
  registerReading,
  systemClock,
  watchConnection,
} from '@flyball/service';
import { startWatcher } from '@flyball/watcher';
import { createReviews } from '@flyball/webhook/metrics';
import { createMemoryWindows } from '@flyball/window-store';
import { startWindower } from '@flyball/windower';
import { pino } from 'pino';
import type { Registry } from 'prom-client';

interface World {
  readonly log: EventLog;
  readonly life: Life;
}

const memoryPlatform = () => createMemoryPlatform({ nowMs: () => Date.now() });

const collecting = {
  scrapeTimeoutMs: 100,
  scrapesAtOnceMax: 1,
  pageBytesMax: 1_000,
  metricsHosts: '',
};

const limits = {
  heldRequestsMax: 10,
  heldBytesMax: 100_000,
  heldPerWorkloadMax: 10,
  holdMsMax: 1_000,
};

const showing = {
  page: { 'index.html': '', 'page.js': '', 'page.css': '', 'icon.svg': '' },
  consoleHost: '127.0.0.1',
  consolePort: 0,
  consoleHosts: '',
  consoleStreamsMax: 1,
  consoleTracesMax: 1,
};

/** The controller's parts that count; its own loops need a cluster. */
const registerController = async ({ log, life }: World): Promise<void> => {
  countClusterCalls(life);
  registerReading(life);
  await ownPartitions({ log, stage: 'controller', life, run: async () => undefined });
};

const registerWebhook = async ({ life }: World): Promise<void> => {
  countClusterCalls(life);
  createReviews(life.metrics);
};

const registerLocalNode = async ({ life }: World): Promise<void> => {
  const none = { list: () => [] };
  registerNode(life.metrics, { objects: none, pods: none, crashes: () => 0 }, () => 0);
};

const startOnCluster =
  (start: (world: World) => Promise<unknown>) =>
  async (world: World): Promise<void> => {
    countClusterCalls(world.life);
    await start(world);
  };

/** Each service that keeps a registry, and whether it is on the bus. */
const starts: Readonly<
  Record<string, { readonly start: (world: World) => Promise<unknown>; readonly bus: boolean }>
> = {
  activator: { bus: true, start: ({ log, life }) => startActivator({ log, life, limits }) },
  collector: { bus: true, start: ({ log, life }) => startCollector({ ...collecting, log, life }) },
  windower: {
    bus: true,
    start: ({ log, life }) =>
      startWindower({ log, life, store: createMemoryWindows().open(), mirrorCheckEveryMs: 1_000 }),
  },
  decider: { bus: true, start: ({ log, life }) => startDecider({ log, life }) },
  actuator: {
    bus: true,
    start: startOnCluster(({ log, life }) =>
      startActuator({ log, life, platform: memoryPlatform(), patchesMax: 1 }),
    ),
  },
  watcher: {
    bus: true,
    start: startOnCluster(({ log, life }) =>
      startWatcher({ log, keeper: log, platform: memoryPlatform(), life, keepEveryMs: 1_000 }),
    ),
  },
  console: { bus: true, start: ({ log, life }) => startConsole({ ...showing, log, life }) },
  controller: { bus: true, start: registerController },
  webhook: { bus: false, start: registerWebhook },
  'local-node': { bus: false, start: registerLocalNode },
};

const registryOf = async (service: string): Promise<Registry> => {
  const { start, bus } = starts[service] ?? { start: async () => undefined, bus: false };
  const crashes: unknown[] = [];
  const living = beginLife({
    service,
    instance: 'documented',
    logger: pino({ level: 'silent' }),
    clock: systemClock,
    random: Math.random,
    onCrash: (error) => crashes.push(error),
  });
  const log = startMemoryServer({ partitionCount: 1, nowMs: () => Date.now() }).connect();
  if (bus) watchConnection(log, 'nats', living.life);
  await start({ log, life: living.life });
  await living.drain();
  await log.close();
  if (crashes.length > 0) throw crashes[0];
  return living.life.metrics;
};

/** Starts them all, looks, and ends them. */
export const serviceRegistries = async (): Promise<ReadonlyMap<string, Registry>> => {
  const names = Object.keys(starts);
  const registries = await Promise.all(names.map(registryOf));
  return new Map(names.map((name, index) => [name, registries[index] as Registry]));
};
