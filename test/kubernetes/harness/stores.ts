/** NATS with a user for each service, and Redis, for one Flyball of a test. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type NatsUser, natsPermissions, natsUsers } from '@flyball/contracts';
import { createStreams } from '@flyball/event-log';
import { availableNatsServers, freePort } from '@flyball/event-log/testing';
import { availableRedisServers } from '@flyball/window-store/testing';
import { until } from '../../e2e/harness/until.ts';
import { type PartProcess, startProcess } from '../control-plane/part-process.ts';

const readyLimitMs = 30_000;

export interface Stores {
  readonly natsUrl: string;
  readonly redisUrl: string;
  /** Of every NATS user, and of Redis. */
  readonly password: string;
  readonly nats: PartProcess;
  readonly redis: PartProcess;
}

export type StoreEnv = Readonly<Record<string, string>>;

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });

const untilAccepts = async (what: string, port: number, process: PartProcess): Promise<void> => {
  const seen = () => process.lastLines();
  await until(`${what} accepts connections`, { limitMs: readyLimitMs, seen }, () => accepts(port));
};

const natsConfiguration = (folder: string, port: number, password: string): string => {
  const users = natsUsers.map((user: NatsUser) => ({
    ...{ user, password, permissions: natsPermissions(user) },
  }));
  return `listen: "127.0.0.1:${port}"
max_payload: 8MB
jetstream { store_dir: ${JSON.stringify(join(folder, 'nats'))} }
authorization { users: ${JSON.stringify(users)} }
`;
};

const startNats = async (folder: string, env: StoreEnv, password: string) => {
  const binary = (await availableNatsServers()).at(-1);
  if (binary === undefined) throw new Error('No nats-server is installed: `npm run setup`.');
  const port = await freePort();
  const path = join(folder, 'nats.conf');
  await writeFile(path, natsConfiguration(folder, port, password), { mode: 0o600 });
  const plan = { name: 'nats-server', program: binary.path, folder, env };
  const nats = await startProcess({ ...plan, args: ['--config', path] });
  await untilAccepts('NATS', port, nats);
  return { nats, natsUrl: `nats://127.0.0.1:${port}` };
};

const startRedis = async (folder: string, env: StoreEnv, password: string) => {
  const [binary] = await availableRedisServers();
  if (binary === undefined) throw new Error('No redis-server is installed: `npm run setup`.');
  const port = await freePort();
  const data = join(folder, 'redis');
  await mkdir(data, { recursive: true });
  const settings = { port, bind: '127.0.0.1', dir: data, requirepass: password, save: '' };
  const flags = Object.entries({ ...settings, appendonly: 'yes' });
  const redis = await startProcess({
    ...{ name: 'redis-server', program: binary.path, folder, env },
    args: flags.flatMap(([key, value]) => [`--${key}`, String(value)]),
  });
  await untilAccepts('Redis', port, redis);
  return { redis, redisUrl: `redis://:${password}@127.0.0.1:${port}` };
};

/** Starts both with empty data, and makes the streams. */
export const startStores = async (folder: string, env: StoreEnv): Promise<Stores> => {
  const password = randomBytes(16).toString('hex');
  const [{ nats, natsUrl }, { redis, redisUrl }] = await Promise.all([
    startNats(folder, env, password),
    startRedis(folder, env, password),
  ]);
  const admin = { servers: natsUrl, user: 'admin', password, name: 'set-up' };
  const limitMs = readyLimitMs;
  // JetStream answers a moment after the port does.
  await until('the streams are made', { limitMs, seen: () => nats.lastLines() }, () =>
    createStreams(admin).then(
      () => true,
      () => false,
    ),
  );
  return { natsUrl, redisUrl, password, nats, redis };
};
