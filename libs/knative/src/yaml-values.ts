/** Typed values out of located YAML: what has another type is complained of, never coerced. */
import { isScalar } from 'yaml';
import { textInQuotes } from './complaint.ts';
import {
  complain,
  entriesOf,
  isPresent,
  itemsOf,
  type Spot,
  shapeOf,
  writtenAt,
} from './located-yaml.ts';

/** Kubernetes' YAML reader takes these words for true and false unless they are quoted. */
const olderBoolean = /^(yes|no|on|off)$/i;

/**
 * Text, as annotations, ConfigMap data and environment need it. Kubernetes refuses unquoted
 * numbers and booleans there; so do we, and go on with what was written.
 */
export const textAt = (spot: Spot): string | undefined => {
  const { node } = spot;
  if (!isScalar(node) || node.value === null) {
    const message = `${spot.key} is ${shapeOf(spot)}; Kubernetes takes only text here.`;
    complain(spot, { severity: 'error', message, allowed: 'text; "" when it is to be empty' });
    return undefined;
  }
  const written = writtenAt(spot);
  const quoted = node.type !== 'PLAIN' || !olderBoolean.test(written);
  if (typeof node.value === 'string' && quoted) return node.value;
  const type = typeof node.value === 'number' ? 'a number' : 'true or false';
  const message = `${spot.key} is ${type} here, and Kubernetes takes only text: quote it.`;
  complain(spot, { severity: 'error', message, allowed: textInQuotes });
  return written;
};

/** A name or other plain string field, where a number is nothing that quoting would mend. */
export const stringAt = (spot: Spot): string | undefined =>
  isPresent(spot) ? textAt(spot) : undefined;

/** A whole number in a range; undefined when it is missing or was complained of. */
export const integerAt = (spot: Spot, from: number, to: number): number | undefined => {
  if (!isPresent(spot)) return undefined;
  const value = isScalar(spot.node) ? spot.node.value : undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) {
    return value;
  }
  const quoted = typeof value === 'string' && /^\d+$/.test(value);
  const message = quoted
    ? `${spot.key} is a number: write it without quotes.`
    : `${spot.key} is not a whole number in the allowed range.`;
  complain(spot, { severity: 'error', message, allowed: `${from} to ${to}` });
  return undefined;
};

/** A list of texts; undefined when it is missing. */
export const textsAt = (spot: Spot): string[] | undefined => {
  if (!isPresent(spot)) return undefined;
  if (shapeOf(spot) !== 'a list') {
    const message = `${spot.key} is ${shapeOf(spot)}; it must be a list.`;
    complain(spot, { severity: 'error', message, allowed: '["program", "argument"]' });
    return undefined;
  }
  return itemsOf(spot).flatMap((item) => textAt(item) ?? []);
};

/** A map of texts and where each stands; empty when it is missing. */
export const textMapAt = (
  spot: Spot,
): { texts: Record<string, string>; spots: Map<string, Spot> } => {
  const spots = new Map<string, Spot>();
  const texts: [string, string][] = [];
  if (isPresent(spot) && shapeOf(spot) !== 'a map') {
    const message = `${spot.key} is ${shapeOf(spot)}; it must be a map of keys to text.`;
    complain(spot, { severity: 'error', message });
  }
  for (const [key, child] of entriesOf(spot)) {
    const text = textAt(child);
    if (text === undefined) continue;
    texts.push([key, text]);
    spots.set(key, child);
  }
  return { texts: Object.fromEntries(texts), spots };
};
