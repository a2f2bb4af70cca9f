/** One text for values of JSON that are equal. */

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return Object.fromEntries(keys.sort().map((key) => [key, sorted(value[key])]));
};

/** The same text for equal values, whatever the order of their keys. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value)) ?? 'null';
