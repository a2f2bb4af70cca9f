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

const activatorsMin = 2;

/** max(2, ceil((ready × total + capacity) / activator capacity)); 2 when it is only for zero. */
export const activatorCount = (policy: Policy, readyPods: number): number => {
  if (policy.targetBurstCapacity === 0) return activatorsMin;
  const carried = readyPods * policy.totalValue + Math.max(policy.targetBurstCapacity, 0);
  return Math.max(activatorsMin, Math.ceil(carried / policy.activatorCapacity));
};
