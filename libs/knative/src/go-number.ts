/** Reads numbers and booleans exactly as Go's strconv does, since Knative's users wrote for it. */

const decimalFloat = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const hexFloat = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)$/i;
const infinity = /^([+-]?)inf(inity)?$/i;
const misplacedInDecimal = /(?<!\d)_|_(?!\d)/;
const misplacedInHex = /(?<![\da-fx])_|_(?![\da-f])/i;

/** No number that Go reads is longer; what is longer is refused before any work is done on it. */
const longestNumber = 400;

/** An integer of so many bits in base 10 (`+007` is 7), or undefined. */
export const parseGoInt = (text: string, bits: 32 | 64): number | undefined => {
  if (text.length > longestNumber || !/^[+-]?\d+$/.test(text)) return undefined;
  const limit = 1n << BigInt(bits - 1);
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= -limit && value < limit ? Number(value) : undefined;
};

/** Was it a whole number, only too large for 32 bits? Then the complaint names the range. */
export const isInteger = (text: string): boolean => /^[+-]?\d+$/.test(text);

const parseHexFloat = (text: string): number | undefined => {
  const match = hexFloat.exec(text);
  const [, sign = '', whole = '', fraction = '', exponent = ''] = match ?? [];
  if (match === null || whole.length + fraction.length === 0) return undefined;
  const mantissa = Number(BigInt(`0x${whole}${fraction}`));
  const value = mantissa * 2 ** (Number(exponent) - 4 * fraction.length);
  if (!Number.isFinite(value)) return undefined;
  return sign === '-' ? 0 - value : value;
};

/**
 * A 64-bit float: decimal, with exponent, hexadecimal, with underscores between digits, `NaN`,
 * `Inf`. Undefined when Go would refuse it, or when it is too large to be held.
 */
export const parseGoFloat = (text: string): number | undefined => {
  if (text.length > longestNumber) return undefined;
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
