/** The watcher: owns partitions, sees the platform, writes down what changed; and the keeper. */
import {
  createWatcher,
  type WatcherEvent,
  type WatcherInput,
  type WatcherState,
  watcherSnapshot,
  watcherSnapshotVersion,
  watcherStateFrom,
} from '@flyball/domain';
import { type EventLog, readPartitionCount } from '@flyball/event-log';
import { createLocalPlatform } from '@flyball/platform';
import {
  connectBus,
  createStageMetrics,
  defineService,
  type EffectfulStage,
  followStage,
  type Life,
  ownPartitions,
} from '@flyball/service';
import type { z } from 'zod';
import { type Activators, createActivators } from './activators.ts';
import { watcherConfig } from './config.ts';
import { runKeeper } from './keeper-loop.ts';
import { createResolver } from './resolve.ts';
import { createSight, type PlatformSight } from './sight.ts';
import { watchPartition } from './watch-partition.ts';

type Config = Readonly<z.infer<typeof watcherConfig>>;
type WatcherStage = EffectfulStage<WatcherState, WatcherInput, WatcherEvent, never>;

const createStage = (): WatcherStage => ({
  stage: createWatcher(createResolver()) as WatcherStage['stage'],
  ownPens: ['platform', 'policy', 'lost', 'incidents'],
  snapshotVersion: watcherSnapshotVersion,
  isCommand: (output): output is never => !('pen' in output),
  toSnapshot: watcherSnapshot,
  fromSnapshot: watcherStateFrom,
});

const connectKeeper = (config: Config, life: Life, log: EventLog): Promise<EventLog> | EventLog => {
  const { keeperNatsUser: user, keeperNatsPassword: password } = config;
  return user === '' ? log : connectBus(config, life, { name: 'keeper', user: { user, password } });
};

const startSight = (config: Config, life: Life, partitionCount: number): PlatformSight => {
  const platform = createLocalPlatform({ url: config.platformUrl, token: config.platformToken });
  life.onClose('platform', () => platform.close());
  const condition = life.readiness('platform');
  const sight = createSight(platform, partitionCount, (ok, why) => condition.set(ok, why));
  life.run('platform', (signal) => sight.follow(signal));
  return sight;
};

const startActivators = (log: EventLog, life: Life): Activators => {
  const isConnected = () => log.status() === 'connected';
  const activators = createActivators(log.leases, life.clock, isConnected);
  life.run('activators', (signal) => activators.follow(signal));
  return activators;
};

export const watcher = defineService({
  name: 'watcher',
  configSchema: watcherConfig,
  async start(config, life) {
    const { clock, logger } = life;
    const log = await connectBus(config, life);
    const partitionCount = await readPartitionCount(log);
    const sight = startSight(config, life, partitionCount);
    const activators = startActivators(log, life);
    const metrics = createStageMetrics('watcher', life.metrics);
    const stage = createStage();
    const owned = new Set<number>();
    let observations = 0;
    const nextId = () => {
      observations += 1;
      return `${life.incarnation}:${observations}`;
    };
    runKeeper({ log, keeper: await connectKeeper(config, life, log), life, owned, config });
    await ownPartitions({
      log,
      stage: 'watcher',
      life,
      run: async (partition, signal, ownership) => {
        owned.add(partition);
        signal.addEventListener('abort', () => owned.delete(partition), { once: true });
        const watching = { life, partition, sight, activators, nextId };
        await followStage({
          log,
          stage,
          partition,
          signal,
          isOwner: () => ownership.isHeld(),
          clock,
          logger,
          metrics,
          onLive: (tenure, loss) => watchPartition(watching, tenure, loss),
        });
      },
    });
  },
});
