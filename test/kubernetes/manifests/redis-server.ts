/** Redis as the manifests configure it, on loopback instead of in a pod. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { availableRedisServers } from '@flyball/window-store/testing';
import type { ClusterObject } from '../../manifests/rendered-overlay.ts';
import { type PartProcess, startProcess } from '../control-plane/part-process.ts';

export interface RedisPlan {
  /** Of an overlay. */
  readonly objects: readonly ClusterObject[];
  readonly folder: string;
  /** What the Secret of its password holds. */
  readonly secret: Readonly<Record<string, string>>;
  readonly port: number;
}

/** Starts it; ends with the test's process. */
export const startRedisServer = async (plan: RedisPlan): Promise<PartProcess> => {
  const { objects, folder, secret, port } = plan;
  const [binary] = await availableRedisServers();
  if (binary === undefined) throw new Error('No redis-server is installed: `npm run setup`.');
  const found = objects.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('redis-configuration'),
  );
  const { 'redis.conf': text = '' } = (found?.data ?? {}) as Readonly<Record<string, string>>;
  const own = join(folder, 'redis');
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'requirepass.conf'), secret['requirepass.conf'] ?? '', { mode: 0o600 });
  const configuration = join(own, 'redis.conf');
  const onLoopback = text
    .replace(/^bind .*$/m, 'bind 127.0.0.1')
    .replace(/^port .*$/m, `port ${port}`)
    .replace(/^dir .*$/m, `dir ${own}`)
    .replace('/etc/redis-password', own);
  await writeFile(configuration, onLoopback);
  const plain = { name: 'redis-server', folder: own, program: binary.path };
  return startProcess({ ...plain, args: [configuration] });
};
