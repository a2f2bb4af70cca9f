/** Reads durations exactly as Go's time.ParseDuration does: `60s`, `1m30s`, `1.5h`, `0`. */

const unitNanoseconds: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/** Go sums up without a sign: one more fits below zero than above. */
const largestBelowZero = 1n << 63n;
const largest = largestBelowZero - 1n;
/** Digits of a fraction beyond this are skipped, as they are in Go. */
const largestFraction = largest / 10n;
/** More digits than these (leading zeros apart) are no 64-bit number. */
const mostDigits = 19;

/** A number, with or without a fraction, and its unit: all up to the next number. */
const onePart = /(\d*)(\.?)(\d*)([^\d.]*)/y;

const wholeNanoseconds = (digits: string, unit: bigint): bigint | undefined => {
  const significant = digits.replace(/^0+/, '');
  if (significant.length > mostDigits) return undefined;
  return BigInt(significant) * unit;
};

/** Computed in floats, as Go does: the last nanosecond differs from exact arithmetic. */
const fractionNanoseconds = (digits: string, unit: bigint): bigint => {
  let fraction = 0n;
  let scale = 1;
  for (const digit of digits) {
    const longer = fraction * 10n + BigInt(digit);
    if (fraction > largestFraction || longer > largestBelowZero) break;
    fraction = longer;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(fraction) * (Number(unit) / scale)));
};

const partNanoseconds = (part: RegExpExecArray): bigint | undefined => {
  const [, whole = '', , fraction = '', unitName = ''] = part;
  const unit = unitNanoseconds.get(unitName);
  if (unit === undefined || whole.length + fraction.length === 0) return undefined;
  const wholePart = wholeNanoseconds(whole, unit);
  if (wholePart === undefined || wholePart > largestBelowZero) return undefined;
  return wholePart + fractionNanoseconds(fraction, unit);
};

const totalNanoseconds = (unsigned: string): bigint | undefined => {
  let total = 0n;
  onePart.lastIndex = 0;
  while (onePart.lastIndex < unsigned.length) {
    const part = onePart.exec(unsigned);
    const nanoseconds = part === null ? undefined : partNanoseconds(part);
    if (nanoseconds === undefined) return undefined;
    total += nanoseconds;
    if (total > largestBelowZero) return undefined;
  }
  return total;
};

/**
 * The duration in milliseconds (with a fraction below one), or undefined where Go refuses the
 * text: no unit, an unknown unit, or more than 292 years.
 */
export const parseGoDuration = (text: string): number | undefined => {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0;
  const total = unsigned === '' ? undefined : totalNanoseconds(unsigned);
  if (total === undefined) return undefined;
  const isNegative = text.startsWith('-') && total !== 0n;
  if (isNegative) return -Number(total) / 1e6;
  return total > largest ? undefined : Number(total) / 1e6;
};
