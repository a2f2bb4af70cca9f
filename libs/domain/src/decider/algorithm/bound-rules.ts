/** The rules that hold a wanted number within what is allowed: adoption, initial scale, bounds. */
import { isActivating } from '../workload-state.ts';
import type { Facts } from './facts.ts';
import type { Rule } from './rule.ts';
import { saidPods, saidSpan } from './sentence.ts';

/** Knative leaves a workload alone that it has no number for, unless it is just coming up. */
const bounded = ({ fixes, undecided, workload }: Facts): boolean =>
  fixes.has('hold-unsure') || !undecided || isActivating(workload);

/** The initial scale while it counts: until it was reached once. */
export const initialScaleOf = ({ policy, workload, fixes }: Facts): number => {
  const { initialScale, maxScale } = policy;
  if (workload.memory.initialised || (!workload.reachable && initialScale > 1)) return 0;
  // Knative starts as many all the same, and takes what is above the ceiling away afterwards.
  const capped = fixes.has('initial-within-max') && maxScale > 0;
  return capped ? Math.min(initialScale, maxScale) : initialScale;
};

/** An initial scale of one only starts a workload; a higher one is held until it was reached. */
const initialFloor = (facts: Facts): number => {
  const scale = initialScaleOf(facts);
  const notStarted = facts.workload.asked === 0 && isActivating(facts.workload);
  return scale > 1 || facts.undecided || notStarted ? scale : 0;
};

export const boundRules: readonly Rule[] = [
  // Who comes with pods keeps them until one stable window shows what they are needed for.
  {
    name: 'adoption',
    apply: (want, { fixes, workload }) =>
      fixes.has('adoption') ? Math.max(want, workload.adopting ?? 0) : want,
    why: (_, to, { policy }) =>
      `it came with ${saidPods(to)}: they stay until a stable window of ` +
      `${saidSpan(policy.stableWindowMs)} has been covered`,
  },
  // A new workload first reaches its initial scale.
  {
    name: 'initial-scale',
    apply: (want, facts) => (bounded(facts) ? Math.max(want, initialFloor(facts)) : want),
    why: (_, to) => `the initial scale of ${to} has not been reached yet`,
  },
  // The operator's floor.
  {
    name: 'min-scale',
    apply: (want, facts) => (bounded(facts) ? Math.max(want, facts.floor) : want),
    why: (_, to) => `never fewer than the min scale of ${to}`,
  },
  // The operator's ceiling comes last of the bounds: nothing grows past it.
  {
    name: 'max-scale',
    apply: (want, facts) =>
      bounded(facts) && facts.policy.maxScale > 0 ? Math.min(want, facts.policy.maxScale) : want,
    why: (_, to) => `never more than the max scale of ${to}`,
  },
];

/** The bounds for a wanted number. Knative looks at the ceiling only where no floor lifted it. */
export const boundRulesOf = (facts: Facts, wanted: number): readonly Rule[] => {
  const lifted = wanted < Math.max(initialFloor(facts), facts.floor);
  if (!lifted || facts.fixes.has('initial-within-max')) return boundRules;
  return boundRules.filter(({ name }) => name !== 'max-scale');
};
