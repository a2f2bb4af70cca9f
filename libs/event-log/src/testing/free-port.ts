/** Ports for servers that have to start, and to start again, on the same one. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that the system gives to outgoing connections: one of these could take it. */
const chosenFrom = 20_000;
const chosenBelow = 32_768;
const triesMax = 100;

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer();
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
};

/** A port of 127.0.0.1 on which nobody listens; rejects when none of a hundred is free. */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(chosenFrom, chosenBelow);
    if (await isFree(port)) return port;
  }
  throw new Error(`None of ${triesMax} ports between ${chosenFrom} and ${chosenBelow} is free.`);
};
