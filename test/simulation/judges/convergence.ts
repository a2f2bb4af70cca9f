/** After the faults: what is left must be what an undisturbed run would have left. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Gateway } from '../world/gateway.ts';
import type { World } from '../world/world.ts';

/** How a workload ended. */
export interface Settled {
  readonly replicas: number;
  readonly pods: number;
  readonly readyPods: number;
  readonly routing: string | undefined;
  /** The policy in force, as text. */
  readonly policy: string;
  /** Requests waited, and none of them was released any more. */
  readonly isStuck: boolean;
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

const sumOf = (world: World, count: (gateway: Gateway) => number): number =>
  [...world.slots.values()].reduce((sum, { connected }) => {
    const gateway = connected?.gateway;
    return gateway === undefined ? sum : sum + count(gateway);
  }, 0);

/** Requests of each workload that its activators have released so far. */
export const releasedIn = (world: World): ReadonlyMap<WorkloadKey, number> =>
  new Map(
    world.pods.platform.workloads().map(({ workload }) => {
      const released = (gateway: Gateway) => gateway.tallies.get(workload)?.released ?? 0;
      return [workload, sumOf(world, released)];
    }),
  );

/** The outcome, with what has come of those that waited since so many were released. */
export const withStuck = (
  outcome: Outcome,
  world: World,
  releasedBefore: ReadonlyMap<WorkloadKey, number>,
): Outcome => {
  const released = releasedIn(world);
  return new Map(
    [...outcome].map(([workload, settled]) => {
      const waiting = sumOf(world, (gateway) => gateway.waitingFor(workload));
      const isStuck = waiting > 0 && released.get(workload) === releasedBefore.get(workload);
      return [workload, { ...settled, isStuck }];
    }),
  );
};

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
        isStuck: false,
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
