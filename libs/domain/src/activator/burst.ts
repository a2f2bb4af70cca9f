/** When a workload's requests in flight must be told at once, not at the end of the second. */
import type { Policy } from '@flyball/contracts';

/**
 * True when the decider may want to act before the next sample: nothing can take the requests, or
 * there are as many in flight as start a panic.
 */
export const isUrgent = (
  policy: Policy | null,
  inFlight: number,
  reachablePods: number,
): boolean => {
  if (inFlight === 0) return false;
  if (reachablePods === 0 || policy === null) return true;
  return inFlight >= policy.panicThreshold * policy.targetValue * reachablePods;
};
