/** The decider over a connection that stands: the pure stage over the partitions that it owns. */
import { algorithmAbility, type DeciderState, knownAlgorithms } from '@flyball/domain';
import type { EventLog } from '@flyball/event-log';
import {
  createStageMetrics,
  drive,
  type LeftState,
  type Life,
  ownPartitions,
  tellRecovery,
  workloadMetricsMaxDefault,
} from '@flyball/service';
import { deterministicDecider } from './deterministic-decider.ts';
import { createLeftAloneWatch } from './left-alone-watch.ts';
import { tellDecisions } from './tell-decisions.ts';
import { createWorkloadMetrics } from './workload-metrics.ts';

export interface DeciderParts {
  readonly log: EventLog;
  readonly life: Life;
  /**
   * The versions of the algorithm that it announces; all that this code knows when not given. With
   * fewer it takes part as an older release would.
   */
  readonly algorithms?: readonly number[];
  /** Workloads that are told one by one in its metrics; 1,000 by default. */
  readonly workloadMetricsMax?: number;
}

/** Begins; what it starts ends with its life. */
export const startDecider = async (parts: DeciderParts): Promise<void> => {
  const { log, life, algorithms = knownAlgorithms } = parts;
  const { workloadMetricsMax: max = workloadMetricsMaxDefault } = parts;
  const { clock, logger } = life;
  const metrics = createStageMetrics('decider', life.metrics);
  const watch = createLeftAloneWatch(life);
  const workloads = createWorkloadMetrics({ metrics: life.metrics, clock, max });
  const stage = deterministicDecider(watch.look);
  const telling = tellDecisions(life.telemetry);
  await ownPartitions<LeftState<DeciderState>>({
    log,
    stage: 'decider',
    life,
    abilities: { [algorithmAbility]: algorithms },
    run: async (partition, signal, owning) => {
      const isHeld = () => owning.isHeld();
      try {
        await drive({
          log,
          stage,
          partition,
          signal,
          isOwner: isHeld,
          recovery: owning.recovery,
          partitionCount: owning.partitionCount,
          clock,
          logger,
          metrics,
          ...telling,
          ...tellRecovery(life, partition),
          onLive: (state) => workloads.own(partition, { state, isHeld }),
          onLost: (lost) => logger.error({ partition, ...lost }, 'the log lost what was read'),
        });
      } finally {
        watch.forget(partition);
        workloads.forget(partition);
      }
    },
  });
};
