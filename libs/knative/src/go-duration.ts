/** Reads durations exactly as Go's time.ParseDuration does: `60s`, `1m30s`, `1.5h`, `0`. */

const unitNanoseconds: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Longer texts are no durations; they are refused before any work is done on them. */
const longestDuration = 200;
const largest = (1n << 63n) - 1n;
const wholeText = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const onePart = /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g;

const partNanoseconds = (whole: string, fraction: string, unit: string): bigint => {
  const scale = unitNanoseconds[unit] ?? 0n;
  const fractionPart =
    fraction === '' ? 0n : (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  return BigInt(whole === '' ? '0' : whole) * scale + fractionPart;
};

/**
 * The duration in milliseconds (with a fraction below one), or undefined where Go refuses the
 * text: no unit, an unknown unit, or more than 292 years.
 */
export const parseGoDuration = (text: string): number | undefined => {
  if (text.length > longestDuration) return undefined;
  if (/^[+-]?0$/.test(text)) return 0;
  const match = wholeText.exec(text);
  if (match === null) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of (match[2] ?? '').matchAll(onePart)) {
    total += partNanoseconds(whole, fraction, unit);
  }
  if (total > largest) return undefined;
  const milliseconds = Number(total) / 1e6;
  return match[1] === '-' && total !== 0n ? -milliseconds : milliseconds;
};
