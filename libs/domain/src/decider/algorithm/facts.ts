/** The numbers of one evaluation, worked out once, that the rules then look at. */
import type { Policy } from '@flyball/contracts';
import type { WorkloadState } from '../../workload-state.ts';
import { asksPods } from './capacity.ts';
import { afterPanic, type Panic } from './panic.ts';

/** Ours: what a tick or a poke adds to what is known of the workload. */
export interface Moment {
  readonly atMs: number;
  /** Requests in flight now; null at a tick. */
  readonly inFlight: number | null;
}

/** Why nothing new can be said about the load; null when it can. */
export type Unsure = 'hold-blind' | 'hold-unseen' | 'hold-unobserved';

export interface Facts extends Moment {
  readonly workload: WorkloadState;
  readonly policy: Policy;
  readonly flyball: boolean;
  readonly unsure: Unsure | null;
  /** Nothing valid was ever seen, so there is no want to hold to. */
  readonly undecided: boolean;
  /** Ready pods, at least 1: what rates and the panic threshold count from. */
  readonly readyAtLeastOne: number;
  readonly mayGrowTo: number;
  readonly mayShrinkTo: number;
  readonly stableAverage: number;
  readonly panicAverage: number;
  /** Pods for each measure, held to the rates. */
  readonly stablePods: number;
  readonly panicPods: number;
  /** For the requests in flight at a poke; 0 where they are not judged. */
  readonly burstPods: number;
  readonly panic: Panic;
  /** The floor in force: an unreachable workload has none. */
  readonly floor: number;
}

/** A load this much above what the wanted pods are asked to take does not ask for one more. */
const tolerance = 0.02;

/** Pods that a load needs, before any limit. */
export const podsFor = (load: number, policy: Policy): number =>
  Math.ceil(load / policy.targetValue);

/** Is the load within the tolerance of what `wanted` pods are asked to take? */
export const withinTolerance = (load: number, wanted: number, policy: Policy): boolean => {
  const asked = wanted * policy.targetValue;
  return wanted > 0 && load >= asked * (1 - tolerance) && load <= asked * (1 + tolerance);
};

const unsureOf = (workload: WorkloadState, policy: Policy, moment: Moment): Unsure | null => {
  if (!workload.platformSeen) return 'hold-unseen';
  // Knative neither scrapes nor waits for data when the activator is always in the path.
  if (policy.behaviour === 'knative') {
    return workload.stableAverage === null && asksPods(policy) ? 'hold-unobserved' : null;
  }
  if (moment.inFlight !== null && moment.inFlight > 0) return null;
  if (workload.seen === 'blind') return 'hold-blind';
  if (workload.seen === 'unobserved' || workload.stableAverage === null) return 'hold-unobserved';
  return null;
};

/** Pods for a load; `flyball` keeps the wanted ones while the load is within the tolerance. */
const steadyPodsFor = (load: number, workload: WorkloadState, policy: Policy): number => {
  const wanted = workload.memory.desired;
  const keep = policy.behaviour === 'flyball' && wanted !== null;
  return keep && withinTolerance(load, wanted, policy) ? wanted : podsFor(load, policy);
};

/** The min scale in force: what nothing routes to has none, unless the policy keeps it. */
export const floorOf = (workload: Pick<WorkloadState, 'reachable'>, policy: Policy): number =>
  workload.reachable || policy.minScaleWhenUnreachable ? policy.minScale : 0;

/** Works out the numbers. `panic` is as it stands after this evaluation. */
export const factsOf = (workload: WorkloadState, policy: Policy, moment: Moment): Facts => {
  const flyball = policy.behaviour === 'flyball';
  const unsure = unsureOf(workload, policy, moment);
  const readyAtLeastOne = Math.max(1, workload.readyPods);
  const mayGrowTo = Math.ceil(policy.maxScaleUpRate * readyAtLeastOne);
  const mayShrinkTo = workload.reachable
    ? Math.floor(readyAtLeastOne / policy.maxScaleDownRate)
    : 0;
  const held = (load: number): number => {
    const within = Math.min(
      Math.max(steadyPodsFor(load, workload, policy), mayShrinkTo),
      mayGrowTo,
    );
    return load > 0 ? Math.max(within, policy.activationScale) : within;
  };
  const stableAverage = workload.stableAverage ?? 0;
  const panicAverage = workload.panicAverage ?? 0;
  const stablePods = held(stableAverage);
  const panicPods = held(panicAverage);
  const judgesBurst = flyball && moment.inFlight !== null && policy.metric === 'concurrency';
  const burst = judgesBurst ? (moment.inFlight ?? 0) : 0;
  const burstPods = burst > 0 ? held(burst) : 0;
  const unheld = podsFor(Math.max(panicAverage, burst), policy);
  return {
    ...moment,
    workload,
    policy,
    flyball,
    unsure,
    undecided: unsure !== null && workload.memory.desired === null,
    readyAtLeastOne,
    mayGrowTo,
    mayShrinkTo,
    stableAverage,
    panicAverage,
    stablePods,
    panicPods,
    burstPods,
    panic:
      unsure === null
        ? afterPanic(workload.memory, policy, {
            atMs: moment.atMs,
            over: unheld / readyAtLeastOne >= policy.panicThreshold,
            pods: Math.max(stablePods, panicPods, burstPods),
          })
        : workload.memory,
    floor: floorOf(workload, policy),
  };
};
