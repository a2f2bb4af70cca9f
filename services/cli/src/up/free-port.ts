/** Ports on the loopback that nobody uses at the moment. */
import { createServer } from 'node:net';
import { OutsideError } from '@flyball/contracts';

const listenOn = (host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.unref();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const bound = server.address();
      const free = typeof bound === 'object' && bound !== null ? bound.port : port;
      server.close(() => resolve(free));
    });
  });

/** A free port of 127.0.0.1. Another program may still take it first: starters try again. */
export const freePort = (): Promise<number> => listenOn('127.0.0.1', 0);

/** Rejects with PORT_IN_USE, naming the option to change, when the port cannot be listened on. */
export const assertPortFree = async (host: string, port: number, option: string): Promise<void> => {
  try {
    await listenOn(host, port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EACCES' ? 'may not be used by this user' : 'is in use by another program';
    const message =
      `Port ${port} on ${host} ${why}. ` +
      `Choose another one with ${option} (0 takes a free one), or stop that program.`;
    throw new OutsideError('PORT_IN_USE', message, { retriable: false, cause: error });
  }
};
