/** Host names by which clients ask for a workload, in the one form in which they are compared. */

/** A workload answers to no more hosts than this. */
export const hostsMax = 64;
/** What DNS allows of a whole name. */
const hostCharsMax = 253;
const hostName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** The host without its port, in lower case and without a final dot. */
export const bareHost = (host: string): string =>
  host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();

export const isHostName = (host: string): boolean =>
  host.length <= hostCharsMax && hostName.test(host);

/** In order and each once; what is no host name is left out, and what goes beyond the limit. */
export const hostsOf = (given: Iterable<string>): readonly string[] => {
  const hosts = new Set<string>();
  for (const one of given) {
    const host = bareHost(one.trim());
    if (isHostName(host)) hosts.add(host);
  }
  return [...hosts].sort().slice(0, hostsMax);
};
