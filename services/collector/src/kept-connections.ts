/** One kept connection to each server that is asked, and nothing of those that are gone. */
import { Client } from 'undici';

export interface KeptConnections {
  /** The connection to `http://address:port`, made when it is asked over. */
  to(origin: string): Client;
  /** Servers of which something is kept. */
  readonly size: () => number;
  /** At once: nobody waits for servers that may never answer. */
  close(): Promise<void>;
}

/**
 * Pods come and go under other addresses: what has neither a connection nor a request is let go.
 * undici's own Agent keeps those whose connection ended with the request that was given up.
 */
export const createKeptConnections = (options: Client.Options): KeptConnections => {
  const clients = new Map<string, Client>();
  const letGo = (origin: string, client: Client): void => {
    if (client.stats.connected || client.stats.size > 0) return;
    if (clients.get(origin) === client) clients.delete(origin);
    void client.destroy();
  };
  const open = (origin: string): Client => {
    const client = new Client(origin, options);
    // They are told before the request that they end is over.
    const ended = () => queueMicrotask(() => letGo(origin, client));
    client.on('disconnect', ended).on('connectionError', ended);
    clients.set(origin, client);
    return client;
  };
  return {
    to: (origin) => clients.get(origin) ?? open(origin),
    size: () => clients.size,
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.destroy()));
      clients.clear();
    },
  };
};
