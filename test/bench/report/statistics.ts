/** What many measurements say: the values that half, and ninety-nine of a hundred, stay within. */

export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest rank: the smallest value that `share` (above 0, at most 1) of all stay within. */
const percentile = (sorted: readonly number[], share: number): number => {
  const rank = Math.max(1, Math.ceil(sorted.length * share));
  return sorted[rank - 1] ?? Number.NaN;
};

/** Undefined when there is nothing to sum up. With few values the p99 is their maximum. */
export const summarize = (values: readonly number[]): Summary | undefined => {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((left, right) => left - right);
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1) ?? Number.NaN,
  };
};
