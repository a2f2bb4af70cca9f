/** Who holds requests of a workload: every start of an activator is another instance. */

/** How many requests each instance holds; one that holds none is not in it. */
export type HeldBy = Map<string, number>;

/** Sets what an instance holds, in place; forgets it when that is nothing. */
export const setHeld = (heldBy: HeldBy, instance: string, held: number): void => {
  if (held === 0) heldBy.delete(instance);
  else heldBy.set(instance, held);
};
