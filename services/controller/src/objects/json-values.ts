/** Values of JSON: a short hash of equal ones, and whether one holds another. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '@flyball/platform/kubernetes';

const hashLength = 16;

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** 16 hexadecimal digits of SHA-256 over the canonical text. */
export const shortHash = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, hashLength);

/**
 * Is all that is wanted there? Maps may hold more than is wanted (what the API server fills in);
 * lists must be as long.
 */
export const holds = (actual: unknown, wanted: unknown): boolean => {
  if (wanted === undefined) return true;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((item, index) => holds(actual[index], item))
    );
  }
  if (!isMap(wanted)) return actual === wanted;
  return isMap(actual) && Object.keys(wanted).every((key) => holds(actual[key], wanted[key]));
};
