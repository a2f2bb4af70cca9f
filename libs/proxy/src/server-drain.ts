/** Ends a server in order: no new connections, the last answers, then whatever is left is cut. */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { sayGoodbye } from './http2-server.ts';
import type { ProxyCore } from './proxy-core.ts';
import type { ForwardTarget } from './route.ts';

/** How a drain went. */
export interface DrainResult {
  /** Requests that were cut because the grace was over, upgraded connections included. */
  readonly cut: number;
}

/** How often connections that have become idle are closed while draining. */
const sweepMs = 50;

/** The drain of one server; a second call waits for the first one's end. */
export const createDrain = <T extends ForwardTarget>(server: Server, core: ProxyCore<T>) => {
  let draining: Promise<DrainResult> | null = null;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  /** node does not count a connection as idle that has never sent anything; it may never do so. */
  const closeIdle = (): void => {
    server.closeIdleConnections();
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };

  const run = (graceMs: number): Promise<DrainResult> =>
    new Promise((resolve) => {
      let cut = 0;
      core.draining = true;
      sayGoodbye(core);
      const sweep = setInterval(closeIdle, sweepMs);
      const deadline = setTimeout(() => {
        cut = core.inFlight;
        for (const splice of core.splices) splice.destroy();
        server.closeAllConnections();
        for (const session of core.sessions) session.destroy();
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      // Calls back when the last connection has ended, or at once when it never listened.
      server.close(() => {
        clearInterval(sweep);
        clearTimeout(deadline);
        resolve({ cut });
      });
      closeIdle();
    });

  return (options: { graceMs: number }): Promise<DrainResult> => {
    draining ??= run(options.graceMs);
    return draining;
  };
};
