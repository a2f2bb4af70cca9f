/** The decider: configuration → connection → its stage over the partitions that it owns. */
import { connectBus, defineService } from '@flyball/service';
import { deciderConfig } from './config.ts';
import { startDecider } from './start-decider.ts';

export { type DeciderParts, startDecider } from './start-decider.ts';

export const decider = defineService({
  name: 'decider',
  configSchema: deciderConfig,
  async start(config, life) {
    await startDecider({ log: await connectBus(config, life), life });
  },
});
