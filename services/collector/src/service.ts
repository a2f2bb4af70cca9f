/** The collector: configuration → connections → rounds over the partitions that it owns. */
import { connectBus, defineService } from '@flyball/service';
import { collectorConfig } from './config.ts';
import { startCollector } from './start-collector.ts';

export { type CollectorParts, startCollector } from './start-collector.ts';

export const collector = defineService({
  name: 'collector',
  configSchema: collectorConfig,
  async start(config, life) {
    const log = await connectBus(config, life);
    await startCollector({ ...config, log, life });
  },
});
