/** The decider: configuration → connection → its stage over the partitions that it owns. */
import { rehearse } from '@flyball/domain';
import { connectBus, defineService } from '@flyball/service';
import { deciderConfig } from './config.ts';
import { startDecider } from './start-decider.ts';

export { type DeciderParts, startDecider } from './start-decider.ts';

export const decider = defineService({
  name: 'decider',
  configSchema: deciderConfig,
  async start(config, life) {
    rehearse();
    const { workloadMetricsMax } = config;
    await startDecider({ log: await connectBus(config, life), life, workloadMetricsMax });
  },
});
