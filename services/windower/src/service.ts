/** The windower: configuration → connections → its stage over the partitions that it owns. */
import { rehearse } from '@flyball/domain';
import { connectBus, defineService } from '@flyball/service';
import { connectRedisWindows } from '@flyball/window-store';
import { windowerConfig } from './config.ts';
import { startWindower } from './start-windower.ts';

export { startWindower, type WindowerParts } from './start-windower.ts';

export const windower = defineService({
  name: 'windower',
  configSchema: windowerConfig,
  async start(config, life) {
    rehearse();
    const log = await connectBus(config, life);
    const store = await connectRedisWindows({ url: config.redisUrl, mayBeAbsent: true });
    life.onClose('redis', () => store.close());
    const { mirrorCheckEveryMs, workloadMetricsMax } = config;
    await startWindower({ log, store, life, mirrorCheckEveryMs, workloadMetricsMax });
  },
});
