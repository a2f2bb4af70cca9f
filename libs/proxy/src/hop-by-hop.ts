/** Which headers belong to one connection only and must not be forwarded (RFC 9110 7.6.1). */

const ofTheConnection: readonly string[] = [
  'connection',
  'keep-alive',
  'http2-settings',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Header names, in lower case, that are never sent on to a pod. The first that is added is meant
 * for a proxy, which this is; the second is answered here.
 */
export const hopByHopRequestHeaders: readonly string[] = [
  ...ofTheConnection,
  'proxy-authorization',
  'expect',
];

/** Header names, in lower case, that are never sent back to a client. */
export const hopByHopResponseHeaders: ReadonlySet<string> = new Set(ofTheConnection);

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
