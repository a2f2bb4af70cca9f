/** Where requests of a workload wait: every start of an activator is another instance. */

/** How many requests wait at each instance; one at which none waits is not in it. */
export type WaitingBy = Map<string, number>;

/** Sets how many wait at an instance, in place; forgets it when none does. */
export const setWaiting = (waitingBy: WaitingBy, instance: string, waiting: number): void => {
  if (waiting === 0) waitingBy.delete(instance);
  else waitingBy.set(instance, waiting);
};
