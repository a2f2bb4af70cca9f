/** The windower over connections that stand: its stage over the partitions that it owns. */
import type { EventLog } from '@flyball/event-log';
import { type Life, ownPartitions, workloadMetricsMaxDefault } from '@flyball/service';
import type { WindowStore } from '@flyball/window-store';
import { createLogTime } from './log-time.ts';
import { createWindowerMetrics, type WindowerMetrics } from './metrics.ts';
import { runWindower } from './run-windower.ts';
import type { Tenure } from './tenure.ts';

/** Redis shortens a takeover; the service is ready and works without it, and says so. */
const createStoreStatus = (life: Life) => {
  let last = true;
  return (ok: boolean, reason: string): void => {
    if (ok !== last) life.logger[ok ? 'info' : 'error']({ reason }, 'Redis changed');
    last = ok;
  };
};

/** Ticks dated ahead would silence the partitions afterwards: the log's own time is taken then. */
const followLogTime = ({ clock, logger }: Life, metrics: WindowerMetrics) =>
  createLogTime({
    clock,
    onAhead: (aheadMs) => {
      metrics.clockAheadSeconds.set(aheadMs / 1_000);
      if (aheadMs === 0) logger.info('this clock is right again: ticks follow it');
      else
        logger.error({ aheadMs }, 'this clock is ahead of the log: ticks follow the log. Set it');
    },
  });

export interface WindowerParts {
  readonly log: EventLog;
  readonly store: WindowStore;
  readonly life: Life;
  readonly mirrorCheckEveryMs: number;
  /** Workloads that are told one by one in its metrics; 1,000 by default. */
  readonly workloadMetricsMax?: number;
}

/** Begins; what it starts ends with its life. */
export const startWindower = async (parts: WindowerParts): Promise<void> => {
  const { log, life } = parts;
  const { workloadMetricsMax = workloadMetricsMaxDefault } = parts;
  const nowMs = () => life.clock.nowMs();
  const metrics = createWindowerMetrics(life.metrics, { nowMs, workloadMetricsMax });
  const onStoreStatus = createStoreStatus(life);
  const logTime = followLogTime(life, metrics);
  const common = { ...parts, clock: life.clock, logTime, metrics, onStoreStatus };
  await ownPartitions<Tenure>({
    log,
    stage: 'windower',
    life,
    run: (partition, signal, ownership) => {
      const { recovery } = ownership;
      const broken = new Set<string>();
      return runWindower({ ...common, partition, signal, ownership, recovery, broken });
    },
  });
};
