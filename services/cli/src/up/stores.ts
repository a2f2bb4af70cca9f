/** NATS and Redis for this run: given by URL, or started by us with data in our own folder. */
import { join } from 'node:path';
import { type DataFolder, type Secrets, writePrivate } from './data-folder.ts';
import { findServer } from './find-server.ts';
import { freePort } from './free-port.ts';
import { natsConfiguration } from './nats-configuration.ts';
import { redisConfiguration } from './redis-configuration.ts';
import type { StoreServer } from './topology.ts';

/** A store that runs elsewhere, or the server that we shall start. */
export type Store =
  | { readonly kind: 'given'; readonly url: string }
  | { readonly kind: 'ours'; readonly url: string; readonly server: StoreServer };

export interface StoreOptions {
  readonly data: DataFolder;
  readonly secrets: Secrets;
  /** FLYBALL_NATS_URL or FLYBALL_REDIS_URL; undefined or empty: start one. */
  readonly givenUrl: string | undefined;
  readonly path: string;
  /** Absent: a free one. */
  readonly port?: number;
}

/** A variable that is set to nothing is not set. */
const isGiven = (url: string | undefined): url is string => url !== undefined && url !== '';

/** Writes the configuration of a nats-server on a loopback port. */
export const prepareNats = async (options: StoreOptions): Promise<Store> => {
  if (isGiven(options.givenUrl)) return { kind: 'given', url: options.givenUrl };
  const program = await findServer('nats-server', options.path);
  const port = options.port ?? (await freePort());
  const configPath = join(options.data.nats, 'nats.conf');
  const text = natsConfiguration({
    port,
    storeFolder: options.data.nats,
    version: program.version,
    secrets: options.secrets,
  });
  await writePrivate(configPath, text);
  const server = { program: program.path, port, configPath };
  return { kind: 'ours', url: `nats://127.0.0.1:${port}`, server };
};

/** Writes the configuration of a redis-server on a loopback port. */
export const prepareRedis = async (options: StoreOptions): Promise<Store> => {
  if (isGiven(options.givenUrl)) return { kind: 'given', url: options.givenUrl };
  const program = await findServer('redis-server', options.path);
  const port = options.port ?? (await freePort());
  const configPath = join(options.data.redis, 'redis.conf');
  const password = options.secrets.redis;
  const text = redisConfiguration({ port, folder: options.data.redis, password });
  await writePrivate(configPath, text);
  const server = { program: program.path, port, configPath };
  return { kind: 'ours', url: `redis://:${password}@127.0.0.1:${port}`, server };
};
