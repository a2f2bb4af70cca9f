/** What an activator says to a queue-proxy of a request. */

/** Set on what the activator has counted already; a client's own is dropped by both. */
export const proxiedHeader = 'x-flyball-proxied';
