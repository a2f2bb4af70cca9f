/** Says in metrics and log which workloads this process leaves as they are. */
import { type DeciderState, knownAlgorithms } from '@flyball/domain';
import type { Life } from '@flyball/service';
import { Gauge } from 'prom-client';

/** Workloads that one line of the log names; of more only their number is told. */
const namedMax = 10;

/** Their policy names a version of the algorithm that this code does not know. */
const leftAlone = ({ workloads }: DeciderState) =>
  Object.entries(workloads).flatMap(([workload, { uid, policy }]) => {
    const known = policy === null || knownAlgorithms.includes(policy.algorithm);
    return uid === null || known ? [] : [{ workload, algorithm: policy.algorithm }];
  });

export interface LeftAloneWatch {
  /** Looks at a partition's state; logs when it is not as it was. */
  look(state: DeciderState): void;
  /** The partition is another's now. */
  forget(partition: number): void;
}

export const createLeftAloneWatch = ({ metrics, logger }: Life): LeftAloneWatch => {
  const told = new Map<number, string>();
  const gauge = new Gauge({
    name: 'flyball_decider_left_alone_workloads',
    help: 'Workloads left as they are: this process does not know their algorithm.',
    labelNames: ['partition'] as const,
    registers: [metrics],
  });
  return {
    look: (state) => {
      const { partition } = state;
      const left = leftAlone(state);
      gauge.set({ partition }, left.length);
      const now = left.map(({ workload, algorithm }) => `${workload} (${algorithm})`).join();
      if (now === (told.get(partition) ?? '')) return;
      told.set(partition, now);
      if (left.length === 0) {
        logger.info({ partition }, 'every workload is of an algorithm that is known here');
        return;
      }
      const workloads = left.slice(0, namedMax);
      logger.warn(
        { partition, count: left.length, workloads, knownAlgorithms },
        'workloads are left as they are: this decider does not know their algorithm',
      );
    },
    forget: (partition) => {
      told.delete(partition);
      gauge.remove({ partition });
    },
  };
};
