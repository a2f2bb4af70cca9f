/** Headers and trailers as flat arrays, as pods and clients send them. */

/** A flat [name, value, …] array of headers or trailers as a pod sent them. */
export type RawHeaders = readonly (Buffer | string)[];

/** A name or value as text. */
export const textOf = (part: Buffer | string): string =>
  typeof part === 'string' ? part : part.toString('latin1');

/** Flat headers by name, repeated ones side by side, as node's HTTP/2 takes trailers. */
export const namedOf = (flat: readonly string[]): Record<string, string | string[]> => {
  // Without the names that every object has.
  const named: Record<string, string | string[]> = Object.create(null);
  for (let i = 0; i < flat.length; i += 2) {
    const [name, value] = [flat[i] as string, flat[i + 1] as string];
    const before = named[name];
    named[name] = before === undefined ? value : [before, value].flat();
  }
  return named;
};

/** Takes the named headers out of a flat [name, value, …] array, in place. */
export const removeHeaders = (headers: string[], names: ReadonlySet<string>): void => {
  let kept = 0;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (names.has(name.toLowerCase())) continue;
    headers[kept] = name;
    headers[kept + 1] = headers[i + 1] as string;
    kept += 2;
  }
  headers.length = kept;
};

/**
 * Sets one header in a flat [name, value, …] array, in place: replaces it where it stands, drops
 * any repetition, appends it when missing. `lowerName` must be in lower case.
 */
export const setHeader = (headers: string[], lowerName: string, value: string): void => {
  let found = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== lowerName.length || name.toLowerCase() !== lowerName) continue;
    if (found) {
      headers.splice(i, 2);
      i -= 2;
    } else {
      headers[i + 1] = value;
      found = true;
    }
  }
  if (!found) headers.push(lowerName, value);
};
