/** Is the activator in the path, and why: by the spare capacity for a burst, and as it was. */
import type { Routing } from '@flyball/contracts';
import type { Facts } from './facts.ts';
import { said } from './sentence.ts';

export interface Routed {
  readonly routing: Routing;
  /** One sentence; made only when it is told. */
  readonly why: () => string;
}

/** The share of the target burst capacity that must be spare before the activator leaves. */
const leavingShare = 0.1;

/** Algorithm 1 did not say why. */
const saysWhySince = 2;

/** The spare capacity from which requests go straight to the pods. */
const leavesAt = ({ fixes, workload, policy }: Facts): number => {
  // As decided last: what is decided and not applied yet is not taken back within the margin.
  const inPath = workload.last?.routing !== 'pods';
  return fixes.has('routing-hysteresis') && inPath ? policy.targetBurstCapacity * leavingShare : 0;
};

const whyThroughActivator = (facts: Facts, want: number | null, spare: number | null): string => {
  const { policy, workload } = facts;
  const { targetBurstCapacity } = policy;
  if (want === null || want === 0) return 'no pod is wanted: the activator holds what comes';
  if (workload.readyPods === 0) return 'no pod is ready: the activator holds what comes';
  if (targetBurstCapacity === -1) {
    return 'the target burst capacity of -1 keeps the activator in the path';
  }
  if (spare === null) return 'the room for a burst is not known yet: the activator stays';
  const places = targetBurstCapacity + spare;
  const room = places > 0 ? `room for ${said(places)} more` : 'no room for more';
  return spare < 0
    ? `${room}, less than a burst of ${said(targetBurstCapacity)}: the activator takes it in`
    : `${room}, enough for a burst of ${said(targetBurstCapacity)}, but the activator stays ` +
        `until it is ${said(leavesAt(facts))} beyond`;
};

const whyStraight = ({ policy }: Facts, spare: number): string => {
  const { targetBurstCapacity } = policy;
  return targetBurstCapacity === 0
    ? 'a target burst capacity of 0 wants the activator at zero only'
    : `room for ${said(targetBurstCapacity + spare)} more, enough for a burst of ` +
        `${said(targetBurstCapacity)}: straight to the pods`;
};

/**
 * Through the activator at zero, on the way there, and while the spare capacity is not known or
 * too small; straight to the pods else.
 */
export const routed = (facts: Facts, want: number | null, spare: number | null): Routed => {
  const straight = want !== null && want > 0 && spare !== null && spare >= leavesAt(facts);
  const told = facts.policy.algorithm >= saysWhySince;
  return {
    routing: straight ? 'pods' : 'activator',
    why: () => {
      if (!told) return '';
      return straight ? whyStraight(facts, spare) : whyThroughActivator(facts, want, spare);
    },
  };
};
