/** The watcher: configuration → connections → its stage over the partitions that it owns. */
import type { EventLog } from '@flyball/event-log';
import { openPlatform } from '@flyball/platform';
import { connectBus, countClusterCalls, defineService, type Life } from '@flyball/service';
import type { z } from 'zod';
import { watcherConfig } from './config.ts';
import { startWatcher } from './start-watcher.ts';

export { startWatcher, type WatcherParts } from './start-watcher.ts';

type Config = Readonly<z.infer<typeof watcherConfig>>;

/** A user of its own, as nobody else may purge; without one, the watcher's connection. */
const connectKeeper = async (config: Config, life: Life, log: EventLog): Promise<EventLog> => {
  const { keeperNatsUser: user, keeperNatsPassword: password } = config;
  return user === '' ? log : connectBus(config, life, { name: 'keeper', user: { user, password } });
};

export const watcher = defineService({
  name: 'watcher',
  configSchema: watcherConfig,
  async start(config, life) {
    const log = await connectBus(config, life);
    const keeper = await connectKeeper(config, life, log);
    const platform = await openPlatform(config, countClusterCalls(life));
    life.onClose('platform', () => platform.close());
    await startWatcher({ log, keeper, platform, life, keepEveryMs: config.keepEveryMs });
  },
});
