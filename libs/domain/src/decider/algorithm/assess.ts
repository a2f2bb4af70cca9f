/** One evaluation of one workload, from its load to its replicas, mode and routing. */
import type { DecisionInputs, Policy } from '@flyball/contracts';
import type { Assessment } from '../assessment.ts';
import type { WorkloadState } from '../workload-state.ts';
import { activatorCount } from './capacity.ts';
import { type Facts, factsOf, type Moment } from './facts.ts';
import { settle } from './lifecycle.ts';
import { standingWant, type Wanted, wantedOf } from './wanted.ts';

const inputsOf = (facts: Facts): DecisionInputs => {
  const { workload, policy, inFlight } = facts;
  return {
    stableAverage: workload.stableAverage,
    panicAverage: workload.panicAverage,
    inFlight,
    seen: workload.seen,
    coveredAtMs: workload.coveredAtMs,
    readyPods: workload.readyPods,
    startingPods: workload.startingPods,
    targetValue: policy.targetValue,
    reachable: workload.reachable,
  };
};

const assessed = (facts: Facts, wanted: Wanted, policyId: string): Assessment => {
  const { workload, policy, atMs } = facts;
  const settled = settle(facts, wanted);
  const { panicSinceMs, panicOverAtMs, panicMax } = facts.panic;
  return {
    to: settled.to,
    want: settled.want,
    waiting: settled.waiting,
    mode: panicSinceMs === null ? 'stable' : 'panic',
    panicSinceMs,
    routing: settled.routed.routing,
    routingWhy: settled.routed.why,
    path: [...wanted.path, ...settled.path],
    desired: wanted.desired,
    excessBurstCapacity: wanted.excessBurstCapacity ?? -1,
    activators: activatorCount(policy, workload.readyPods),
    inputs: inputsOf(facts),
    policy,
    policyId,
    atMs,
    memory: {
      desired: wanted.desired,
      panicSinceMs,
      panicOverAtMs,
      panicMax,
      delaySlots: wanted.delaySlots,
      activity: settled.activity,
      initialised: settled.initialised,
      excessBurstCapacity: wanted.excessBurstCapacity,
    },
  };
};

type Evaluate = (
  workload: WorkloadState,
  policy: Policy,
  moment: Moment & { readonly policyId: string },
) => Assessment;

/** Evaluates a workload under its policy at a moment; changes nothing. */
export const assess: Evaluate = (workload, policy, moment) => {
  const facts = factsOf(workload, policy, moment);
  return assessed(facts, wantedOf(facts), moment.policyId);
};

/**
 * The second half alone: the want that the workload remembers goes through bounds, the gate to
 * zero, activity and routing, as it does whenever nothing was observed.
 */
export const assessStandingWant: Evaluate = (workload, policy, moment) => {
  const unsure = 'hold-unobserved';
  const undecided = workload.memory.desired === null;
  const facts = { ...factsOf(workload, policy, moment), unsure, undecided } as const;
  return assessed(
    { ...facts, panic: workload.memory },
    standingWant(facts, unsure),
    moment.policyId,
  );
};
