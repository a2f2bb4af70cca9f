/** Where our answer to a vector is not the one it expects. */

export interface Difference {
  /** Which tick, update or step, counted from 1; null for what belongs to the whole case. */
  readonly tick: number | null;
  readonly field: string;
  readonly expected: unknown;
  /** undefined: we have no such answer. */
  readonly got: unknown;
}

export type Answers = Readonly<Record<string, unknown>>;

export interface Compared {
  readonly expected: Answers;
  readonly got: Answers;
  readonly tick?: number;
  /** Fields that may be off by a last bit. */
  readonly nearly?: ReadonlySet<string>;
}

/** Weighted averages: power functions differ in the last bit. */
const relativeTolerance = 1e-12;

const unholdable = new Set(['NaN', 'Infinity', '-Infinity']);

/** What JSON cannot hold is written as text. */
const read = (expected: unknown, got: unknown): unknown =>
  typeof got === 'number' && typeof expected === 'string' && unholdable.has(expected)
    ? Number(expected)
    : expected;

const near = (left: number, right: number): boolean =>
  Math.abs(left - right) <= relativeTolerance * Math.max(Math.abs(left), Math.abs(right));

const isSame = (expected: unknown, got: unknown, nearly: boolean): boolean => {
  // -0 equals 0, and NaN equals itself.
  if (expected === got || Object.is(expected, got)) return true;
  if (typeof expected === 'number' && typeof got === 'number') {
    return nearly && near(expected, got);
  }
  const bothLists = Array.isArray(expected) && Array.isArray(got);
  return bothLists && JSON.stringify(expected) === JSON.stringify(got);
};

/** Compares each field that is expected, to the last digit, and those that only we answer. */
export const compareAnswers = ({ expected, got, tick, nearly }: Compared): Difference[] =>
  [...new Set([...Object.keys(expected), ...Object.keys(got)])].flatMap((field) => {
    const [wanted, ours] = [read(expected[field], got[field]), got[field]];
    if (isSame(wanted, ours, nearly?.has(field) === true)) return [];
    return [{ tick: tick ?? null, field, expected: wanted, got: ours }];
  });
