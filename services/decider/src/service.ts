/** The decider: owns partitions, and drives the pure stage over each of them. */
import {
  connectBus,
  createStageMetrics,
  defineService,
  drive,
  ownPartitions,
} from '@flyball/service';
import { deciderConfig } from './config.ts';
import { deterministicDecider } from './deterministic-decider.ts';

export const decider = defineService({
  name: 'decider',
  configSchema: deciderConfig,
  async start(config, life) {
    const log = await connectBus(config, life);
    const metrics = createStageMetrics('decider', life.metrics);
    const { clock, logger } = life;
    await ownPartitions({
      log,
      stage: 'decider',
      life,
      run: (partition, signal, ownership) =>
        drive({
          log,
          stage: deterministicDecider,
          partition,
          signal,
          isOwner: () => ownership.isHeld(),
          clock,
          logger,
          metrics,
          onLost: (lost) => logger.error({ partition, ...lost }, 'the log lost what was read'),
        }),
    });
  },
});
