/** A port of this machine that leads to pods of a cluster, for as long as it is needed. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Connections at once; NATS' client has one, and while it connects anew perhaps two. */
const connectionsMax = 4;
/** Pods that are tried for one connection, before whoever connects has to come again. */
const podsTriedMax = 3;
/** A connection that leads nowhere is kept for this long, below what NATS' client waits for. */
const failurePauseMs = 1_000;

export interface PodsToReach {
  /** Names of those that are ready now, the best one first; rejects where there are none. */
  readonly ready: () => Promise<readonly string[]>;
  /** A connection to one of them. */
  readonly open: (pod: string) => Promise<Duplex>;
}

export interface Forwarding {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens a connection to the first that can be reached; rejects with what the last one said. */
const openOne = async ({ ready, open }: PodsToReach): Promise<Duplex> => {
  let failure: unknown;
  for (const pod of (await ready()).slice(0, podsTriedMax)) {
    try {
      return await open(pod);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
};

/** What ends on one side ends on the other; what was broken off is broken off. */
const join = (one: Duplex, other: Duplex): void => {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.once('close', () => to.destroy());
    from.on('error', () => to.destroy());
  }
};

/**
 * Listens on loopback. The first connection to a pod is opened before anybody asks, so that what is
 * wrong rejects here; each later one chooses among the pods that are ready then, so that whoever
 * connects again goes on when a pod is gone.
 */
export const forwardToPods = async (pods: PodsToReach): Promise<Forwarding> => {
  let spare: Duplex | undefined = await openOne(pods);
  const inUse = new Set<Duplex>([spare]);
  const take = (): Promise<Duplex> | Duplex => {
    const kept = spare;
    spare = undefined;
    return kept === undefined || kept.destroyed ? openOne(pods) : kept;
  };
  const serve = async (socket: Socket): Promise<void> => {
    inUse.add(socket);
    socket.once('close', () => inUse.delete(socket));
    socket.on('error', () => socket.destroy());
    try {
      const pod = await take();
      inUse.add(pod);
      pod.once('close', () => inUse.delete(pod));
      if (socket.destroyed) pod.destroy();
      else join(socket, pod);
    } catch {
      // Whoever connected sees it end, and comes again as often as it has patience; the API server
      // is not to be asked more often than this for it.
      const timer = setTimeout(() => socket.destroy(), failurePauseMs);
      socket.once('close', () => clearTimeout(timer));
    }
  };
  spare.on('error', () => undefined);
  const server = createServer({ noDelay: true }, (socket) => void serve(socket));
  server.maxConnections = connectionsMax;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      for (const stream of inUse) stream.destroy();
      await once(server, 'close');
    },
  };
};
