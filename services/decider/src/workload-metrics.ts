/** Tells Prometheus what was decided for the workloads that this process owns. */
import type { Seen, WorkloadKey } from '@flyball/contracts';
import type { DeciderState, WorkloadState } from '@flyball/domain';
import { type Clock, registerWorkloadGauges, type WorkloadGauge } from '@flyball/service';
import { Gauge, type Registry } from 'prom-client';

/** A partition of this process, for as long as it is owned. */
export interface OwnedPartition {
  /** Undefined while it is being recovered. */
  readonly state: () => DeciderState | undefined;
  /** False as soon as the lease is over, even before anybody could say so. */
  readonly isHeld: () => boolean;
}

export interface WorkloadMetrics {
  /** Tells of a partition, in place of what was told of it before. */
  own(partition: number, owned: OwnedPartition): void;
  /** It is another's now, or will be. */
  forget(partition: number): void;
}

export interface WorkloadMetricsOptions {
  readonly metrics: Registry;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly max: number;
}

const seens: readonly Seen[] = ['measured', 'blind', 'unobserved'];

const yes = (fact: boolean): number => (fact ? 1 : 0);

const isPanicking = ({ memory }: WorkloadState): boolean => memory.panicSinceMs !== null;

const desiredOf = ({ last, asked }: WorkloadState): number => last?.to ?? asked;

/** What the pods are asked to take at most; null where there is none to ask, or no target. */
const targetUseOf = ({ stableAverage, policy, readyPods }: WorkloadState): number | null => {
  const target = (policy?.targetValue ?? 0) * readyPods;
  return stableAverage === null || target === 0 ? null : stableAverage / target;
};

const gauges: readonly WorkloadGauge<WorkloadState>[] = [
  {
    name: 'flyball_workload_stable_average',
    help: "Average over the stable window, in the metric of the policy, as of its last tick's row.",
    value: ({ stableAverage }) => stableAverage,
  },
  {
    name: 'flyball_workload_panic_average',
    help: "Average over the panic window, in the metric of the policy, as of its last tick's row.",
    value: ({ panicAverage }) => panicAverage,
  },
  {
    name: 'flyball_workload_target',
    help: 'What one pod is asked to take, in the metric of the policy.',
    value: ({ policy }) => policy?.targetValue ?? null,
  },
  {
    name: 'flyball_workload_target_use_ratio',
    help: 'The stable average over what all ready pods are asked to take; 1 is on target.',
    value: targetUseOf,
  },
  {
    name: 'flyball_workload_wanted_replicas',
    help: 'Replicas that the averages ask for, before bounds, delays and gates.',
    value: ({ memory }) => memory.desired,
  },
  {
    name: 'flyball_workload_desired_replicas',
    help: 'Replicas of the last decision.',
    value: desiredOf,
  },
  {
    name: 'flyball_workload_ready_replicas',
    help: 'Pods that are ready.',
    value: ({ readyPods }) => readyPods,
  },
  {
    name: 'flyball_workload_starting_replicas',
    help: 'Pods that have never been ready yet.',
    value: ({ startingPods }) => startingPods,
  },
  {
    name: 'flyball_workload_panic',
    help: 'Mode: 1 in panic, 0 stable.',
    value: (workload) => yes(isPanicking(workload)),
  },
  {
    name: 'flyball_workload_blind',
    help: '1 while it cannot be measured; its replicas then stay as they are.',
    value: ({ seen }) => yes(seen === 'blind'),
  },
];

interface Sums {
  readonly bySeen: Map<Seen, number>;
  panicking: number;
  desired: number;
  ready: number;
}

type Rows = () => Iterable<readonly [WorkloadKey, WorkloadState]>;

const sumsOf = (rows: Rows): Sums => {
  const sums: Sums = { bySeen: new Map(), panicking: 0, desired: 0, ready: 0 };
  for (const [, workload] of rows()) {
    sums.bySeen.set(workload.seen, (sums.bySeen.get(workload.seen) ?? 0) + 1);
    sums.panicking += yes(isPanicking(workload));
    sums.desired += desiredOf(workload);
    sums.ready += workload.readyPods;
  }
  return sums;
};

/** Of all workloads, however many are told one by one. */
const registerSums = (registers: Registry[], rows: Rows): void => {
  let sums = sumsOf(rows);
  // The first to be read: it counts for all of them.
  const workloads: Gauge<'seen'> = new Gauge({
    name: 'flyball_decider_workloads',
    help: 'Workloads of the owned partitions, by how they are seen.',
    labelNames: ['seen'],
    registers,
    collect: () => {
      sums = sumsOf(rows);
      for (const seen of seens) workloads.set({ seen }, sums.bySeen.get(seen) ?? 0);
    },
  });
  const sum = (name: string, help: string, value: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(value()) });
  };
  sum('flyball_decider_panicking_workloads', 'Workloads in panic.', () => sums.panicking);
  sum('flyball_decider_desired_replicas', 'Replicas of the last decisions.', () => sums.desired);
  sum('flyball_decider_ready_replicas', 'Pods that are ready.', () => sums.ready);
};

/** Ticks come every 2 s, also of partitions at rest: an old one means that none came. */
const registerTickAge = (
  { metrics, clock }: WorkloadMetricsOptions,
  live: () => Iterable<DeciderState>,
): void => {
  const age: Gauge<'partition'> = new Gauge({
    name: 'flyball_decider_tick_age_seconds',
    help: 'How long ago the last tick that was folded was due; ticks fall every 2 s.',
    labelNames: ['partition'],
    registers: [metrics],
    collect: () => {
      age.reset();
      for (const { partition, tick } of live()) {
        if (tick.atMs > 0) age.set({ partition }, Math.max(0, clock.nowMs() - tick.atMs) / 1_000);
      }
    },
  });
};

/** Registers the gauges; they cost nothing until they are read. */
export const createWorkloadMetrics = (options: WorkloadMetricsOptions): WorkloadMetrics => {
  const { metrics, max } = options;
  const partitions = new Map<number, OwnedPartition>();
  const live = function* (): Iterable<DeciderState> {
    for (const { state, isHeld } of partitions.values()) {
      const known = isHeld() ? state() : undefined;
      if (known !== undefined) yield known;
    }
  };
  const rows = function* (): Iterable<readonly [WorkloadKey, WorkloadState]> {
    for (const { workloads } of live()) {
      // Half the time of listing the entries first, of ten thousand.
      for (const key in workloads) {
        const workload = workloads[key as WorkloadKey];
        // Known by a policy only: there is no such workload on the platform yet.
        if (workload?.uid == null) continue;
        yield [key as WorkloadKey, workload];
      }
    }
  };
  registerSums([metrics], rows);
  registerTickAge(options, live);
  registerWorkloadGauges({ registry: metrics, prefix: 'flyball_decider', max, rows, gauges });
  return {
    own: (partition, owned) => void partitions.set(partition, owned),
    forget: (partition) => void partitions.delete(partition),
  };
};
