/** After the faults: what is left must be what an undisturbed run would have left. */
import type { WorkloadKey } from '@flyball/contracts';
import type { World } from '../world/world.ts';

/** How a workload ended. */
export interface Settled {
  readonly replicas: number;
  readonly pods: number;
  readonly readyPods: number;
  readonly routing: string | undefined;
  /** The policy in force, as text. */
  readonly policy: string;
  readonly waiting: number;
}

export type Outcome = ReadonlyMap<WorkloadKey, Settled>;

const lastPolicyOf = (world: World, workload: WorkloadKey): string => {
  const { messages, cut } = world.observer;
  for (const message of messages.toReversed()) {
    if (cut.has(message) || !message.subject.endsWith('.policy')) continue;
    const document = JSON.parse(message.body);
    if (document.subject !== workload || !document.type.includes('.policy-set.')) continue;
    return JSON.stringify(document.data.policy);
  }
  return 'none';
};

const waitingOf = (world: World, workload: WorkloadKey): number =>
  [...world.slots.values()].reduce(
    (sum, { connected }) => sum + (connected?.gateway?.waitingFor(workload) ?? 0),
    0,
  );

export const outcomeOf = (world: World): Outcome => {
  const { platform } = world.pods;
  return new Map(
    platform.workloads().map(({ workload, replicas }) => {
      const pods = platform.pods(workload);
      const settled: Settled = {
        replicas,
        pods: pods.length,
        readyPods: pods.filter(({ ready }) => ready).length,
        routing: platform.routingOf(workload),
        policy: lastPolicyOf(world, workload),
        waiting: waitingOf(world, workload),
      };
      return [workload, settled];
    }),
  );
};

/** What differs from the undisturbed run. */
export const differencesOf = (disturbed: Outcome, undisturbed: Outcome): readonly string[] =>
  [...undisturbed].flatMap(([workload, expected]) => {
    const found = disturbed.get(workload);
    return (Object.keys(expected) as (keyof Settled)[]).flatMap((name) =>
      found?.[name] === expected[name]
        ? []
        : [`${workload} ends with ${name} ${found?.[name]}, undisturbed with ${expected[name]}`],
    );
  });
