/** A pod's address as the log has it, taken apart for a connection. */

const portMax = 65_535;

/** Host (without the brackets of IPv6) and port; undefined when nobody can connect to it. */
export const addressParts = (
  address: string,
): { readonly host: string; readonly port: number } | undefined => {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(colon + 1));
  const usable = colon > 0 && Number.isInteger(port) && port > 0 && port <= portMax;
  return usable ? { host, port } : undefined;
};
