/** The actuator: configuration → connections → its stage over the partitions that it owns. */

import { rehearse } from '@flyball/domain';
import { createLocalPlatform } from '@flyball/platform';
import { connectBus, defineService } from '@flyball/service';
import { actuatorConfig } from './config.ts';
import { startActuator } from './start-actuator.ts';

export { type ActuatorParts, startActuator } from './start-actuator.ts';

export const actuator = defineService({
  name: 'actuator',
  configSchema: actuatorConfig,
  async start(config, life) {
    rehearse();
    const log = await connectBus(config, life);
    const platform = createLocalPlatform({ url: config.platformUrl, token: config.platformToken });
    life.onClose('platform', () => platform.close());
    await startActuator({ log, platform, life, patchesMax: config.patchesMax });
  },
});
