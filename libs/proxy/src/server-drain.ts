/** Ends a server in order: no new connections, the last answers, then whatever is left is cut. */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { sayGoodbye } from './http2-server.ts';
import { openResponseOf } from './node-server.ts';
import type { ProxyCore } from './proxy-core.ts';
import type { ForwardTarget } from './route.ts';

/** How a drain went. */
export interface DrainResult {
  /** Requests that were cut because the grace was over, upgraded connections included. */
  readonly cut: number;
}

/** How often connections that have become idle are closed while draining. */
const sweepMs = 50;

/** Time in which a head that was begun must be whole while draining. */
const halfHeadMs = 1_000;

/** Bytes by which a connection is known to speak HTTP/2. */
const prefaceBytes = 24;

/** A connection of HTTP/1.1, or of what may become that, with no request on it that is known. */
const hasNoRequest = (socket: Socket): boolean => {
  if (openResponseOf(socket) !== null || socket.writableEnded) return false;
  // node's parser stays until the connection leaves HTTP.
  const { parser = null } = socket as { parser?: object | null };
  return parser !== null || socket.bytesRead < prefaceBytes;
};

/** The drain of one server; a second call waits for the first one's end. */
export const createDrain = <T extends ForwardTarget>(server: Server, core: ProxyCore<T>) => {
  let draining: Promise<DrainResult> | null = null;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  /**
   * node does not count a connection as idle that has never sent anything, or half a head: it may
   * never send the rest.
   */
  const closeIdle = (halfHeads: boolean): void => {
    server.closeIdleConnections();
    for (const socket of sockets) {
      if (socket.bytesRead === 0 || (halfHeads && hasNoRequest(socket))) socket.destroy();
    }
  };

  const run = (graceMs: number): Promise<DrainResult> =>
    new Promise((resolve) => {
      let cut = 0;
      core.draining = true;
      sayGoodbye(core);
      let sweeps = 0;
      const sweep = setInterval(() => closeIdle(++sweeps * sweepMs >= halfHeadMs), sweepMs);
      const deadline = setTimeout(() => {
        cut = core.inFlight;
        for (const splice of core.splices) splice.destroy();
        server.closeAllConnections();
        for (const session of core.sessions) session.destroy();
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      // Closes those that are idle now; of one that is silent yet the first bytes may be under way.
      // Calls back when the last connection has ended, or at once when it never listened.
      server.close(() => {
        clearInterval(sweep);
        clearTimeout(deadline);
        resolve({ cut });
      });
    });

  return (options: { graceMs: number }): Promise<DrainResult> => {
    draining ??= run(options.graceMs);
    return draining;
  };
};
