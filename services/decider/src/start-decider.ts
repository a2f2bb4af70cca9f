/** The decider over a connection that stands: the pure stage over the partitions that it owns. */
import type { EventLog } from '@flyball/event-log';
import { createStageMetrics, drive, type Life, ownPartitions } from '@flyball/service';
import { deterministicDecider } from './deterministic-decider.ts';

export interface DeciderParts {
  readonly log: EventLog;
  readonly life: Life;
}

/** Begins; what it starts ends with its life. */
export const startDecider = async ({ log, life }: DeciderParts): Promise<void> => {
  const { clock, logger } = life;
  const metrics = createStageMetrics('decider', life.metrics);
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
};
