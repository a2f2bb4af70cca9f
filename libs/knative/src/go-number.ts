/** Reads numbers and booleans exactly as Go's strconv does, since Knative's users wrote for it. */

const decimalFloat = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const hexFloat = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?p([+-]?\d+)$/i;
const infinity = /^([+-]?)inf(inity)?$/i;
const misplacedInDecimal = /(?<!\d)_|_(?!\d)/;
const misplacedInHex = /(?<![\da-fx])_|_(?![\da-f])/i;

/** Digits of the largest 64-bit integer, leading zeros apart. */
const mostDigits = 19;

/** An integer of so many bits in base 10 (`+007` is 7), or undefined. */
export const parseGoInt = (text: string, bits: 32 | 64): number | undefined => {
  if (!isInteger(text)) return undefined;
  const digits = text.replace(/^[+-]?0*/, '');
  if (digits.length > mostDigits) return undefined;
  const limit = 1n << BigInt(bits - 1);
  const value = text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
  return value >= -limit && value < limit ? Number(value) : undefined;
};

/** Was it a whole number, only too large for 32 bits? Then the complaint names the range. */
export const isInteger = (text: string): boolean => /^[+-]?\d+$/.test(text);

const mantissaBits = 53;
const smallestExponent = -1074;

/** The float nearest to mantissa × 2^exponent, the even one of two; Infinity where none is. */
const nearestFloat = (mantissa: bigint, exponent: number): number => {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const kept = Math.min(mantissaBits, bits + exponent - smallestExponent);
  if (kept < 0) return 0;
  const dropped = bits - kept;
  if (dropped <= 0) return Number(mantissa) * 2 ** exponent;
  const [unit, half] = [1n << BigInt(dropped), 1n << BigInt(dropped - 1)];
  const rest = mantissa % unit;
  const whole = mantissa / unit;
  const up = rest > half || (rest === half && whole % 2n === 1n);
  return Number(up ? whole + 1n : whole) * 2 ** (exponent + dropped);
};

const parseHexFloat = (text: string): number | undefined => {
  const match = hexFloat.exec(text);
  const [, sign = '', whole = '', fraction = '', exponent = ''] = match ?? [];
  if (match === null || whole.length + fraction.length === 0) return undefined;
  const mantissa = BigInt(`0x${whole}${fraction}`);
  const value = nearestFloat(mantissa, Number(exponent) - 4 * fraction.length);
  if (!Number.isFinite(value)) return undefined;
  return sign === '-' ? 0 - value : value;
};

/**
 * A 64-bit float: decimal, with exponent, hexadecimal, with underscores between digits, `NaN`,
 * `Inf`. Undefined when Go would refuse it, or when it is too large to be held.
 */
export const parseGoFloat = (text: string): number | undefined => {
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = infinity.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  const plain = text.replaceAll('_', '');
  if (/^[+-]?0x/i.test(text)) {
    return misplacedInHex.test(text) ? undefined : parseHexFloat(plain);
  }
  if (misplacedInDecimal.test(text) || !decimalFloat.test(plain)) return undefined;
  const value = Number(plain);
  // A negative zero would not survive being written down as JSON.
  return Number.isFinite(value) ? value + 0 : undefined;
};

/** `1 t T TRUE true True` and their opposites, or undefined. */
export const parseGoBool = (text: string): boolean | undefined => {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  return undefined;
};
