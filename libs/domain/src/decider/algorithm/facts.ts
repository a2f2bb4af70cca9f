/** The numbers of one evaluation, worked out once, that the rules then look at. */
import type { Policy } from '@flyball/contracts';
import type { WorkloadState } from '../workload-state.ts';
import { asksPods } from './capacity.ts';
import { type Fixes, fixesOf } from './fixes.ts';
import { afterPanic, type Panic } from './panic.ts';
import { type SeenShare, seenShareAt } from './seen-share.ts';

/** Ours: what a tick or a poke adds to what is known of the workload. */
export interface Moment {
  readonly atMs: number;
  /** Requests in flight now; null at a tick. */
  readonly inFlight: number | null;
}

/** Why nothing new can be said about the load; null when it can. */
export type Unsure = 'hold-blind' | 'hold-unseen' | 'hold-unobserved';

/** What of the window was not seen. */
export interface Gap extends SeenShare {
  /** With the seconds that were not seen taken for those that were; null: too few were. */
  readonly load: number | null;
  /** Shrinking leaves as many; 0 where all was seen. */
  readonly pods: number;
}

export interface Facts extends Moment {
  readonly workload: WorkloadState;
  readonly policy: Policy;
  readonly fixes: Fixes;
  readonly unsure: Unsure | null;
  /** Nothing valid was ever seen, so there is no want to hold to. */
  readonly undecided: boolean;
  /** Ready pods, at least 1: what growth counts from. */
  readonly readyAtLeastOne: number;
  /** Pods that shrinking and the panic threshold count, at least 1: the starting ones too. */
  readonly countedAtLeastOne: number;
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
  readonly gap: Gap;
  /** The floor in force: an unreachable workload has none. */
  readonly floor: number;
}

/** Pods that a load needs, before any limit. */
export const podsFor = (load: number, policy: Policy): number =>
  Math.ceil(load / policy.targetValue);

/** Is the load within the tolerance of what `wanted` pods are asked to take? */
export const withinTolerance = (load: number, wanted: number, policy: Policy): boolean => {
  const { targetValue, tolerance } = policy;
  const asked = wanted * targetValue;
  return wanted > 0 && load >= asked * (1 - tolerance) && load <= asked * (1 + tolerance);
};

/** What an evaluation goes by before its numbers are worked out. */
interface Ground {
  readonly workload: WorkloadState;
  readonly policy: Policy;
  readonly fixes: Fixes;
}

const unsureOf = ({ workload, policy, fixes }: Ground, moment: Moment): Unsure | null => {
  if (!workload.platformSeen) return 'hold-unseen';
  // Knative neither scrapes nor waits for data when the activator is always in the path.
  if (!fixes.has('hold-unsure')) {
    return workload.stableAverage === null && asksPods(policy) ? 'hold-unobserved' : null;
  }
  if (moment.inFlight !== null && moment.inFlight > 0) return null;
  if (workload.seen === 'blind') return 'hold-blind';
  if (workload.seen === 'unobserved' || workload.stableAverage === null) return 'hold-unobserved';
  return null;
};

/** The min scale in force: what nothing routes to has none, unless the policy keeps it. */
export const floorOf = (workload: Pick<WorkloadState, 'reachable'>, policy: Policy): number =>
  workload.reachable || policy.minScaleWhenUnreachable ? policy.minScale : 0;

/** Pods that are starting because they were asked for: what is more than that is on its way out. */
export const comingPods = ({ asked, readyPods, startingPods }: WorkloadState): number =>
  Math.min(startingPods, Math.max(0, asked - readyPods));

/** Which pods count, and how far the rates let their number move. */
const ratesOf = ({ workload, policy, fixes }: Ground) => {
  const { readyPods, reachable } = workload;
  const starting = fixes.has('starting-pods') ? comingPods(workload) : 0;
  const readyAtLeastOne = Math.max(1, readyPods);
  const countedAtLeastOne = Math.max(1, readyPods + starting);
  // Growing goes by what has proven itself; what is starting is only not cut by it.
  const mayGrow = Math.ceil(policy.maxScaleUpRate * readyAtLeastOne);
  return {
    readyAtLeastOne,
    countedAtLeastOne,
    mayGrowTo: starting > 0 ? Math.max(mayGrow, countedAtLeastOne) : mayGrow,
    mayShrinkTo: reachable ? Math.floor(countedAtLeastOne / policy.maxScaleDownRate) : 0,
  };
};

type Rates = ReturnType<typeof ratesOf>;

/** Pods for a load, held to the rates; the wanted ones while the load is within the tolerance. */
const heldPodsFor = (load: number, { workload, policy, fixes }: Ground, rates: Rates): number => {
  const wanted = workload.memory.desired;
  const keeps = fixes.has('tolerance') && wanted !== null && withinTolerance(load, wanted, policy);
  const steady = keeps ? wanted : podsFor(load, policy);
  const within = Math.min(Math.max(steady, rates.mayShrinkTo), rates.mayGrowTo);
  return load > 0 ? Math.max(within, policy.activationScale) : within;
};

/** With less than this share of its window seen nothing is said of a load. */
const seenShareMin = 0.1;

/** In Knative what was not seen is zero. */
const gapOf = (ground: Ground, { atMs }: Moment, rates: Rates): Gap => {
  const { workload, policy, fixes } = ground;
  const { asked, seen, stableAverage } = workload;
  const known = seenShareAt(workload.sight, policy, atMs);
  const holds = fixes.has('hold-unsure');
  if (!holds) return { ...known, load: null, pods: 0 };
  // A poke judges what is in flight also while nobody can measure the rest.
  if (seen === 'blind' || known.share < seenShareMin) return { ...known, load: null, pods: asked };
  if (known.unseenMs === 0) return { ...known, load: stableAverage, pods: 0 };
  const load = (stableAverage ?? 0) / known.share;
  return { ...known, load, pods: Math.min(asked, heldPodsFor(load, ground, rates)) };
};

/** Is the load over the panic threshold? */
const isOver = (load: number, { workload, policy, fixes }: Ground, counted: number): boolean => {
  if (!fixes.has('true-ratio')) return podsFor(load, policy) / counted >= policy.panicThreshold;
  // With nothing ready there is no ratio yet: too much is what the pods cannot take at all.
  if (workload.readyPods === 0 && load > counted * policy.totalValue) return true;
  return load / (counted * policy.targetValue) >= policy.panicThreshold;
};

/** Works out the numbers. `panic` is as it stands after this evaluation. */
export const factsOf = (workload: WorkloadState, policy: Policy, moment: Moment): Facts => {
  const fixes = fixesOf(policy);
  const ground: Ground = { workload, policy, fixes };
  const unsure = unsureOf(ground, moment);
  const rates = ratesOf(ground);
  const stableAverage = workload.stableAverage ?? 0;
  const panicAverage = workload.panicAverage ?? 0;
  const stablePods = heldPodsFor(stableAverage, ground, rates);
  const panicPods = heldPodsFor(panicAverage, ground, rates);
  const judgesBurst = fixes.has('burst') && policy.metric === 'concurrency';
  const burst = judgesBurst ? (moment.inFlight ?? 0) : 0;
  // Knative's average may lie below zero, and is not lifted to it.
  const heaviest = burst > 0 ? Math.max(panicAverage, burst) : panicAverage;
  const burstPods = burst > 0 ? heldPodsFor(burst, ground, rates) : 0;
  return {
    ...moment,
    ...ground,
    ...rates,
    unsure,
    undecided: unsure !== null && workload.memory.desired === null,
    stableAverage,
    panicAverage,
    stablePods,
    panicPods,
    burstPods,
    gap: gapOf(ground, moment, rates),
    panic:
      unsure === null
        ? afterPanic(workload.memory, policy, {
            atMs: moment.atMs,
            over: isOver(heaviest, ground, rates.countedAtLeastOne),
            pods: Math.max(stablePods, panicPods, burstPods),
            waits: fixes.has('panic-exit') && comingPods(workload) > 0,
          })
        : workload.memory,
    floor: floorOf(workload, policy),
  };
};
