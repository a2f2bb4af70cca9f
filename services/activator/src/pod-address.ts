/** A pod's address as the log has it, taken apart for a connection. */

const portMax = 65_535;

/** Whether a pool of connections can be made of it: it is a host and nothing else of a URL. */
const isHost = (host: string): boolean =>
  !/[\s/?#@\\]/.test(host) && URL.canParse(`http://${host.includes(':') ? `[${host}]` : host}`);

/** Host (without the brackets of IPv6) and port; undefined when nobody can connect to it. */
export const addressParts = (
  address: string,
): { readonly host: string; readonly port: number } | undefined => {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(colon + 1));
  const usable = Number.isInteger(port) && port > 0 && port <= portMax;
  return colon > 0 && usable && isHost(host) ? { host, port } : undefined;
};
