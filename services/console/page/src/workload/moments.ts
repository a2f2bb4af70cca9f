/** Moments in the order of time, and going from one to the other. */

/** The moment `steps` away from another in a list of moments in order; the nearest end at most. */
export const momentBeside = (
  momentsMs: readonly number[],
  atMs: number | null,
  steps: number,
): number | undefined => {
  const last = momentsMs.length - 1;
  if (last < 0) return undefined;
  const after = atMs === null ? -1 : momentsMs.findIndex((momentMs) => momentMs >= atMs);
  const at = after === -1 ? last + 1 : after;
  // Between two moments a step back and a step on lead to those two.
  const isBetween = atMs !== null && momentsMs[at] !== atMs && steps > 0;
  return momentsMs[Math.min(last, Math.max(0, at + steps - (isBetween ? 1 : 0)))];
};

/** The index of the last moment that is not after `atMs`; -1 before the first. */
export const indexAt = (momentsMs: readonly number[], atMs: number): number => {
  let [low, high] = [0, momentsMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((momentsMs[middle] ?? Number.POSITIVE_INFINITY) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
