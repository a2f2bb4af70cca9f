/** The gate to zero: the steps that a workload without load passes, and how long each takes. */
import type { Facts } from './facts.ts';
import { saidSpan } from './sentence.ts';

/** As in Knative, activating is given up this long after the progress deadline. */
const activationMarginMs = 30_000;

/** The steps, by the name that they leave in a decision. */
export const zeroGates = [
  'scale-to-zero-off',
  'activating',
  'stable-window',
  'grace',
  'to-zero',
] as const;

/** What the gate answers: replicas to ask for, and the want that activity and routing go by. */
export interface GateAnswer {
  readonly gate: (typeof zeroGates)[number];
  readonly replicas: number;
  /** null: nothing is wanted of it now, neither zero nor more. */
  readonly want: number | null;
  readonly why: string;
}

const whileActive = (facts: Facts, activeMs: number): GateAnswer => {
  const { stableWindowMs } = facts.policy;
  return activeMs < stableWindowMs
    ? {
        gate: 'stable-window',
        replicas: 1,
        want: 1,
        why: `no load; one pod stays until it was up for ${saidSpan(stableWindowMs)}`,
      }
    : {
        gate: 'grace',
        replicas: facts.workload.asked,
        want: 0,
        why: 'no load for a stable window; requests are led through the activator before zero',
      };
};

const whileInactive = (facts: Facts, inactiveMs: number): GateAnswer => {
  const { policy, workload, atMs, fixes } = facts;
  const graceMs = policy.scaleToZeroGracePeriodMs;
  const retentionMs = workload.reachable ? policy.scaleToZeroPodRetentionPeriodMs : 0;
  const { routing } = workload;
  const sinceMs = routing?.applied === 'activator' ? routing.sinceMs : null;
  // Knative does not ask whether the activator is in the path when it always is.
  const assumed = !fixes.has('zero-behind-activator') && policy.targetBurstCapacity === -1;
  const proxied = sinceMs !== null || assumed;
  const graceOver = inactiveMs >= graceMs || (sinceMs !== null && atMs - sinceMs >= graceMs);
  if (proxied && graceOver && inactiveMs >= retentionMs) {
    return { gate: 'to-zero', replicas: 0, want: 0, why: 'no load, and the grace has passed' };
  }
  const why = proxied
    ? `no load; the last pods stay for the grace of ${saidSpan(Math.max(graceMs, retentionMs))}`
    : 'no load; the last pods stay until the activator is known to be in the path';
  return { gate: 'grace', replicas: workload.asked, want: 0, why };
};

/** Asks the gate; called only when zero is wanted. */
export const askZeroGate = (facts: Facts): GateAnswer => {
  const { policy, workload, atMs } = facts;
  if (!policy.enableScaleToZero) {
    const why = 'scale to zero is off: one pod stays';
    return { gate: 'scale-to-zero-off', replicas: 1, want: 1, why };
  }
  const { kind, sinceMs } = workload.memory.activity;
  const spentMs = atMs - sinceMs;
  if (kind === 'active') return whileActive(facts, spentMs);
  if (kind === 'inactive') return whileInactive(facts, spentMs);
  if (spentMs > policy.progressDeadlineMs + activationMarginMs) {
    return { gate: 'to-zero', replicas: 0, want: 0, why: 'it could not be activated in time' };
  }
  const why = 'it was asked for and is not up yet: it stays until it has been';
  return { gate: 'activating', replicas: workload.asked, want: null, why };
};
