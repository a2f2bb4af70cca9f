/** What the load wants: the first half of an evaluation. */
import type { Moved } from '../assessment.ts';
import { isActivating, type Memory } from '../workload-state.ts';
import { excessBurstCapacity, initialExcessBurstCapacity } from './capacity.ts';
import { recordWant } from './delay-window.ts';
import { type Facts, podsFor } from './facts.ts';
import { followRules } from './rule.ts';
import { saidDivision } from './sentence.ts';
import { delaySlotsOf, wantRules } from './want-rules.ts';

export interface Wanted {
  /** The number that bounds and gates start from. */
  readonly pods: number;
  /** The newest valid want; null when there was none yet. */
  readonly desired: number | null;
  readonly path: readonly Moved[];
  readonly delaySlots: Memory['delaySlots'];
  readonly excessBurstCapacity: number | null;
}

export const unsureSentences = {
  'hold-blind': 'nobody could measure the load: blind, so nothing is taken away',
  'hold-unseen': 'the platform cannot be seen: nothing is changed on what was last known',
  'hold-unobserved': 'nothing was observed: the last answer stands',
} as const;

/** What a path starts with when the load is known: the plain quotient. */
export const needRule = 'need';

/** Knative takes a workload that never decided as though its initial scale were there. */
const initialSpare = ({ fixes, policy }: Facts): number | null =>
  fixes.has('hold-unsure') ? null : initialExcessBurstCapacity(policy);

/** Nothing new can be said about the load: the last answer stands. */
export const standingWant = (facts: Facts, unsure: keyof typeof unsureSentences): Wanted => {
  const { memory, asked } = facts.workload;
  // One that is just coming up wants nothing but its initial scale.
  const unanswered = isActivating(facts.workload) ? 0 : asked;
  const pods = unsure === 'hold-unobserved' ? (memory.desired ?? unanswered) : asked;
  const why = () => (facts.undecided ? 'nothing was measured yet' : unsureSentences[unsure]);
  return {
    pods,
    desired: memory.desired,
    path: [{ rule: unsure, from: null, to: pods, why }],
    delaySlots: memory.delaySlots,
    excessBurstCapacity: memory.excessBurstCapacity ?? initialSpare(facts),
  };
};

/** Follows the rules from the stable average's need to the pods wanted. */
export const wantedOf = (facts: Facts): Wanted => {
  const { unsure, workload, stableAverage, panicAverage, policy, atMs } = facts;
  if (unsure !== null) return standingWant(facts, unsure);
  const need = podsFor(stableAverage, policy);
  const why = () => saidDivision(stableAverage, policy);
  const { want, path } = followRules(wantRules, facts, need);
  const delayed = path.at(-1)?.rule === 'scale-down-delay' ? path.at(-1) : undefined;
  const slots = workload.memory.delaySlots;
  return {
    pods: want,
    desired: want,
    path: [{ rule: needRule, from: null, to: need, why }, ...path],
    // The delay remembers what was wanted before it lifted it.
    delaySlots: workload.reachable
      ? recordWant(slots, { atMs, pods: delayed?.from ?? want, slotCount: delaySlotsOf(facts) })
      : slots,
    excessBurstCapacity: excessBurstCapacity(policy, workload.readyPods, panicAverage),
  };
};
