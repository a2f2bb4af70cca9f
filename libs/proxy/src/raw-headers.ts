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
