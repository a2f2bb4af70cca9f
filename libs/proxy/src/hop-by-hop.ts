/** Which headers belong to one connection only and must not be forwarded (RFC 9110 7.6.1). */

/**
 * Header names, in lower case, that are never sent on to a pod. `host` and framing are handled
 * apart.
 */
export const hopByHopRequestHeaders: readonly string[] = [
  'connection',
  'keep-alive',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
];

/** Header names, in lower case, that are never sent back to a client. */
export const hopByHopResponseHeaders: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'http2-settings',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Names that a Connection header may list without taking the header away: they frame or route. */
const neverListed: ReadonlySet<string> = new Set(['host', 'content-length', 'close', 'keep-alive']);

/**
 * Adds the header names that a Connection header's value lists, in lower case, to `names` (made
 * when null and needed); null while there are none.
 */
export const listedByConnection = (
  value: string,
  names: Set<string> | null,
): Set<string> | null => {
  if (value === 'keep-alive' || value === 'close') return names;
  let listed = names;
  for (const part of value.toLowerCase().split(',')) {
    const name = part.trim();
    if (name === '' || neverListed.has(name)) continue;
    listed ??= new Set();
    listed.add(name);
  }
  return listed;
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
