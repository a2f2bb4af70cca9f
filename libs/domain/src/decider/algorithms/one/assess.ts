/** Algorithm 1: one evaluation of one workload, from its load to its replicas, mode and routing. */
import type { DecisionInputs, Policy } from '@flyball/contracts';
import type { Assessment } from '../../assessment.ts';
import type { WorkloadState } from '../../workload-state.ts';
import { activatorCount } from './capacity.ts';
import { type Facts, factsOf, type Moment } from './facts.ts';
import { settle } from './lifecycle.ts';
import { wantedOf } from './wanted.ts';

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

/** Evaluates a workload under its policy at a moment; changes nothing. */
export const assessOne = (
  workload: WorkloadState,
  policy: Policy,
  moment: Moment & { readonly policyId: string },
): Assessment => {
  const facts = factsOf(workload, policy, moment);
  const wanted = wantedOf(facts);
  const settled = settle(facts, wanted);
  const { panicSinceMs, panicOverAtMs, panicMax } = facts.panic;
  return {
    to: settled.to,
    mode: panicSinceMs === null ? 'stable' : 'panic',
    panicSinceMs,
    routing: settled.routing,
    path: [...wanted.path, ...settled.path],
    desired: wanted.desired,
    excessBurstCapacity: wanted.excessBurstCapacity ?? -1,
    activators: activatorCount(policy, workload.readyPods),
    inputs: inputsOf(facts),
    policy,
    policyId: moment.policyId,
    atMs: moment.atMs,
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
