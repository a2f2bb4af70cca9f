/** Values that stay the same for a while, written once per run: `[first index, value]`. */

export type Run<Value> = readonly [first: number, value: Value];

/** `undefined` continues the run before it. */
export const toRuns = <Value>(
  values: readonly (Value | undefined)[],
  same: (a: Value, b: Value) => boolean = Object.is,
): Run<Value>[] => {
  const runs: Run<Value>[] = [];
  values.forEach((value, index) => {
    const run = runs.at(-1);
    if (value === undefined || (run !== undefined && same(run[1], value))) return;
    runs.push([index, value]);
  });
  return runs;
};

/** The value at each index; before the first run it is `initial`. */
export const fromRuns = <Value>(
  runs: readonly Run<Value>[],
  length: number,
  initial: Value,
): Value[] => {
  const values: Value[] = new Array(length).fill(initial);
  for (const [first, value] of runs) values.fill(value, first);
  return values;
};

/** Each number as its difference to the one before, the first to `from`; null changes nothing. */
export const toDifferences = <Value extends number | null>(
  values: readonly Value[],
  from: number,
): Value[] => {
  let before = from;
  return values.map((value) => {
    if (value === null) return value;
    const difference = value - before;
    before = value;
    return difference as Value;
  });
};

export const fromDifferences = <Value extends number | null>(
  differences: readonly Value[],
  from: number,
): Value[] => {
  let before = from;
  return differences.map((difference) => {
    if (difference === null) return difference;
    before += difference;
    return before as Value;
  });
};
