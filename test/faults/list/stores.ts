/** The stores: emptied, set back by a second, and without space. */
import { cp, open, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { until } from '../../e2e/harness/until.ts';
import type { Bed } from '../bed/bed.ts';
import type { Fault } from '../fault.ts';
import { killAndAwait, pidOf } from './signals.ts';

const startLimitMs = 30_000;
const lastSecondMs = 1_000;
const diskFullMs = 8_000;
const chunkBytes = 256 * 1_024;

const portOf = (url: string): number => Number(new URL(url).port);

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', () => end(true)).once('error', () => end(false));
    socket.once('close', () => end(false));
  });

const natsStore = ({ flyball }: Bed): string => join(flyball.data, 'nats/jetstream');

/** A copy as the disk has it at one moment: the server is stopped meanwhile. */
const copyStore = async (bed: Bed, to: string): Promise<void> => {
  const pid = pidOf(bed, 'nats-server');
  await rm(to, { recursive: true, force: true });
  process.kill(pid, 'SIGSTOP');
  try {
    await cp(natsStore(bed), to, { recursive: true });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
};

/** Kills NATS, and lets it be started only after `change`. */
const changeStore = async (bed: Bed, change: () => Promise<void>): Promise<void> => {
  const { heldStart, machine } = bed.flyball;
  await heldStart.hold();
  try {
    await killAndAwait(bed, 'nats-server');
    await change();
  } finally {
    await heldStart.letGo();
  }
  const port = portOf(machine.run.natsUrl);
  await until('nats-server listens', { limitMs: startLimitMs }, () => accepts(port));
};

const lastSecondLost: Fault = {
  name: 'NATS loses its last second',
  about: 'SIGKILL of NATS; it starts on a copy of its store made one second before.',
  bed: 'plain',
  mayCost: { tail: true },
  probe: 'after',
  quick: true,
  hurt: async (bed) => {
    const copy = join(bed.folder, 'store-of-before');
    await copyStore(bed, copy);
    await wait(lastSecondMs);
    await changeStore(bed, async () => {
      await rm(natsStore(bed), { recursive: true, force: true });
      await cp(copy, natsStore(bed), { recursive: true });
    });
    return { recoverFromMs: Date.now() };
  },
};

const natsAway: Fault = {
  name: 'NATS away 5 s',
  about: 'SIGKILL of NATS; it is started again 5 s later, with all that it had.',
  bed: 'plain',
  hurt: async (bed) => {
    await changeStore(bed, () => wait(5_000));
    return { recoverFromMs: Date.now() };
  },
};

const flushed: Fault = {
  name: 'Redis FLUSHALL',
  about: 'Redis is emptied.',
  bed: 'plain',
  quick: true,
  hurt: async ({ flyball }) => {
    const redis = new Redis(flyball.machine.run.redisUrl, { lazyConnect: true });
    try {
      await redis.connect();
      await redis.flushall();
    } finally {
      redis.disconnect();
    }
    return { recoverFromMs: Date.now() };
  },
};

/** Writes until there is no space left; returns the file to remove. */
const fillDisk = async (folder: string): Promise<string> => {
  const path = join(folder, 'ballast');
  const file = await open(path, 'w');
  const fill = async (bytes: number): Promise<void> => {
    const chunk = Buffer.alloc(bytes);
    for (;;) await file.appendFile(chunk);
  };
  try {
    await fill(chunkBytes).catch(() => fill(1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
  return path;
};

const diskFull: Fault = {
  name: 'disk full',
  about:
    `The disk of NATS has no space for ${diskFullMs / 1_000} s; ` +
    'then space is made, and `up` starts NATS again.',
  bed: 'small disk',
  hurt: async (bed) => {
    const pid = pidOf(bed, 'nats-server');
    const ballast = await fillDisk(join(bed.flyball.data, 'nats'));
    try {
      await wait(diskFullMs);
    } finally {
      await rm(ballast);
    }
    const recoverFromMs = Date.now();
    // A server that could not write takes no writes until it is started again, and says nothing.
    await until(
      'nats-server is another process',
      { limitMs: startLimitMs },
      async () => pidOf(bed, 'nats-server') !== pid,
    );
    return { recoverFromMs };
  },
};

export const storeFaults: readonly Fault[] = [natsAway, lastSecondLost, flushed, diskFull];
