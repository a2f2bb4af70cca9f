/** Algorithm 1: one evaluation of one workload, from its load to its replicas, mode and routing. */
import type { DecisionInputs, Policy } from '@flyball/contracts';
import type { Assessment, Moved } from '../../assessment.ts';
import type { Activity, Memory, WorkloadState } from '../../workload-state.ts';
import { boundRules, initialFloor } from './bound-rules.ts';
import { activatorCount, excessBurstCapacity } from './capacity.ts';
import { recordWant } from './delay-window.ts';
import { type Facts, factsOf, type Moment, podsFor } from './facts.ts';
import { followRules } from './rule.ts';
import { saidDivision } from './sentence.ts';
import { delaySlotsOf, wantRules } from './want-rules.ts';
import { askZeroGate } from './zero-gate.ts';

interface Wanted {
  readonly want: number;
  readonly path: readonly Moved[];
}

const unsureSentences = {
  'hold-blind': 'nobody could measure the load: blind, so nothing is taken away',
  'hold-unseen': 'the platform cannot be seen: nothing is changed on what was last known',
  'hold-unobserved': 'nothing was observed: the last answer stands',
} as const;

/** What the load wants; the last answer where nothing new can be said about the load. */
const wantOf = (facts: Facts): Wanted => {
  const { unsure, workload, stableAverage, policy } = facts;
  if (unsure === null) {
    const need = podsFor(stableAverage, policy);
    const start: Moved = {
      rule: 'need',
      from: null,
      to: need,
      why: () => saidDivision(stableAverage, policy),
    };
    const followed = followRules(wantRules, facts, need);
    return { want: followed.want, path: [start, ...followed.path] };
  }
  const stands = unsure === 'hold-unobserved' ? (workload.memory.desired ?? workload.asked) : null;
  const want = stands ?? workload.asked;
  const why = () => unsureSentences[unsure];
  return { want, path: [{ rule: unsure, from: null, to: want, why }] };
};

/** `want` is what activity and routing go by; null: nothing is wanted of it now. */
interface Held {
  readonly to: number;
  readonly want: number | null;
  readonly path: readonly Moved[];
}

/** Bounds, then the gate to zero, then the floor of those who cannot see. */
const held = (facts: Facts, wanted: number): Held => {
  const { unsure, undecided, flyball, workload } = facts;
  const bounds = followRules(boundRules, facts, wanted);
  const path = [...bounds.path];
  let to = bounds.want;
  let want: number | null = undecided && path.length === 0 ? null : to;
  if (to === 0 && want !== null) {
    const answer = askZeroGate(facts);
    want = answer.want;
    if (answer.replicas !== to) {
      path.push({ rule: answer.gate, from: to, to: answer.replicas, why: () => answer.why });
    }
    to = answer.replicas;
  }
  const floored = unsure !== null && (flyball || unsure === 'hold-unseen');
  if (floored && to < workload.asked) {
    path.push({ rule: unsure, from: to, to: workload.asked, why: () => unsureSentences[unsure] });
    to = workload.asked;
    want = to;
  }
  return { to, want, path };
};

/** How active the workload is after this evaluation. */
const activityAfter = (
  facts: Facts,
  want: number | null,
): Pick<Memory, 'activity' | 'initialised'> => {
  const { workload, atMs, floor } = facts;
  const before = workload.memory.activity;
  const enough = workload.memory.initialised
    ? Math.max(floor, 1)
    : Math.max(floor, initialFloor(facts));
  const up = workload.readyPods >= enough;
  const initialised = workload.memory.initialised || up;
  const turn = (kind: Activity['kind']): Pick<Memory, 'activity' | 'initialised'> => ({
    activity: before.kind === kind ? before : { kind, sinceMs: atMs },
    initialised,
  });
  if (want === 0 || (enough === 0 && want === null)) return turn('inactive');
  if ((want ?? 0) > 0 || before.kind !== 'inactive') return turn(up ? 'active' : 'activating');
  return turn('inactive');
};

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
  const wanted = wantOf(facts);
  const { to, want, path } = held(facts, wanted.want);
  const valid = facts.unsure === null;
  const spare = valid
    ? excessBurstCapacity(policy, workload.readyPods, facts.panicAverage)
    : workload.memory.excessBurstCapacity;
  const desired = valid ? wanted.want : workload.memory.desired;
  const records = valid && workload.reachable;
  return {
    to,
    mode: facts.panic.panicSinceMs === null ? 'stable' : 'panic',
    panicSinceMs: facts.panic.panicSinceMs,
    routing: want === 0 || desired === null || (spare ?? -1) < 0 ? 'activator' : 'pods',
    path: [...wanted.path, ...path],
    desired,
    excessBurstCapacity: spare ?? -1,
    activators: activatorCount(policy, workload.readyPods),
    inputs: inputsOf(facts),
    policy,
    policyId: moment.policyId,
    atMs: moment.atMs,
    memory: {
      desired,
      panicSinceMs: facts.panic.panicSinceMs,
      panicOverAtMs: facts.panic.panicOverAtMs,
      panicMax: facts.panic.panicMax,
      delaySlots: records
        ? recordWant(workload.memory.delaySlots, {
            atMs: moment.atMs,
            pods: beforeDelay(wanted),
            slotCount: delaySlotsOf(facts),
          })
        : workload.memory.delaySlots,
      ...activityAfter(facts, want),
      excessBurstCapacity: spare,
    },
  };
};

/** The want as it stood before the delay lifted it: that is what the delay remembers. */
const beforeDelay = ({ want, path }: Wanted): number =>
  path.find((moved) => moved.rule === 'scale-down-delay')?.from ?? want;
