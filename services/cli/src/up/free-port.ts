/** Ports on the loopback that nobody uses at the moment. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { OutsideError } from '@flyball/contracts';

/**
 * Below the ports that systems give to outgoing connections (Linux from 32768, others from 49152):
 * one of those could take the port while its server starts, or starts again after a crash.
 */
const chosenFrom = 20_000;
const chosenBelow = 32_768;
const triesMax = 100;

const listenOn = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.unref();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });

const isFree = (port: number): Promise<boolean> =>
  listenOn('127.0.0.1', port).then(
    () => true,
    () => false,
  );

/**
 * A port of 127.0.0.1 on which nobody listens; `choose` gives the next one to try. Rejects with
 * PORT_IN_USE when none of a hundred is free.
 */
export const freePort = async (
  choose: () => number = () => randomInt(chosenFrom, chosenBelow),
): Promise<number> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = choose();
    if (await isFree(port)) return port;
  }
  const message =
    `None of ${triesMax} ports of 127.0.0.1 between ${chosenFrom} and ${chosenBelow} is free. ` +
    'End some of the programs that listen there.';
  throw new OutsideError('PORT_IN_USE', message, { retriable: false });
};

/** A host on which no program of this machine can listen. */
const foreignHostCodes = ['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL'];

/** Rejects with PORT_IN_USE, naming the option to change, when the port cannot be listened on. */
export const assertPortFree = async (host: string, port: number, option: string): Promise<void> => {
  try {
    await listenOn(host, port);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (foreignHostCodes.includes(code)) {
      const message = `Nobody can listen on ${host} (${code}): give an address of this machine.`;
      throw new OutsideError('PORT_IN_USE', message, { retriable: false, cause: error });
    }
    const why = code === 'EACCES' ? 'may not be used by this user' : 'is in use by another program';
    const message =
      `Port ${port} on ${host} ${why}. ` +
      `Choose another one with ${option} (0 takes a free one), or stop that program.`;
    throw new OutsideError('PORT_IN_USE', message, { retriable: false, cause: error });
  }
};
