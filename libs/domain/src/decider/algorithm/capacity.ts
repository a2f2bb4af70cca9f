/** Spare capacity for a burst, and with it how many activators a workload is given. */
import type { Policy } from '@flyball/contracts';

/** floor(ready × total − capacity − panic average); 0 and -1 answer themselves. */
export const excessBurstCapacity = (
  policy: Policy,
  readyPods: number,
  panicAverage: number,
): number => {
  if (policy.targetBurstCapacity === 0) return 0;
  if (policy.targetBurstCapacity < 0) return -1;
  return Math.floor(readyPods * policy.totalValue - policy.targetBurstCapacity - panicAverage);
};

/**
 * The spare capacity before the first decision: as though the initial scale were there, cut towards
 * zero as Knative cuts it.
 */
export const initialExcessBurstCapacity = (policy: Policy): number => {
  if (policy.targetBurstCapacity <= 0) return excessBurstCapacity(policy, 0, 0);
  return Math.trunc(policy.initialScale * policy.totalValue - policy.targetBurstCapacity);
};

/** An activator that is always in the path has counted everything: pods need not be asked. */
export const asksPods = (policy: Policy): boolean => policy.targetBurstCapacity !== -1;

/** What a workload is given before its capacity is known. */
export const activatorsMin = 2;

/** max(2, ceil((ready × total + capacity) / activator capacity)); 2 when it is only for zero. */
export const activatorCount = (policy: Policy, readyPods: number): number => {
  if (policy.targetBurstCapacity === 0) return activatorsMin;
  const carried = readyPods * policy.totalValue + Math.max(policy.targetBurstCapacity, 0);
  return Math.max(activatorsMin, Math.ceil(carried / policy.activatorCapacity));
};
