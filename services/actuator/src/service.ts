/** The actuator: configuration → connections → its stage over the partitions that it owns. */

import { rehearse } from '@flyball/domain';
import { openPlatform } from '@flyball/platform';
import { connectBus, countClusterCalls, defineService } from '@flyball/service';
import { actuatorConfig } from './config.ts';
import { startActuator } from './start-actuator.ts';

export { type ActuatorParts, startActuator } from './start-actuator.ts';

export const actuator = defineService({
  name: 'actuator',
  configSchema: actuatorConfig,
  async start(config, life) {
    rehearse();
    const log = await connectBus(config, life);
    const platform = await openPlatform(config, countClusterCalls(life));
    life.onClose('platform', () => platform.close());
    await startActuator({ log, platform, life, patchesMax: config.patchesMax });
  },
});
