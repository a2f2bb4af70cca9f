/** Where nats-server and redis-server are: a URL, the set-up's record, or PATH. */
import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { OutsideError } from '@flyball/contracts';
import { z } from 'zod';

const run = promisify(execFile);

export interface ServerProgram {
  readonly path: string;
  readonly version: string;
}

export type ServerName = 'nats-server' | 'redis-server';

const program = z.object({ path: z.string(), version: z.string() });
const recordSchema = z
  .object({ natsServer: z.array(program), redisServer: program.nullable() })
  .partial();

const recordPath = join(import.meta.dirname, '../../../../.tools/servers.json');

const recorded = async (name: ServerName): Promise<readonly ServerProgram[]> => {
  try {
    const record = recordSchema.parse(JSON.parse(await readFile(recordPath, 'utf8')));
    const { natsServer = [], redisServer = null } = record;
    if (name === 'nats-server') return natsServer;
    return redisServer === null ? [] : [redisServer];
  } catch {
    return [];
  }
};

const isExecutable = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const onPath = async (name: string, path: string): Promise<string | undefined> => {
  for (const folder of [...path.split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    const candidate = join(folder, name);
    if (folder !== '' && (await isExecutable(candidate))) return candidate;
  }
  return undefined;
};

const versionPattern = /\bv?=?(\d+\.\d+\.\d+)/;

/** `nats-server: v2.9.10` or `Redis server v=7.0.15 …` → the version. */
const serverVersion = async (path: string): Promise<string> => {
  const { stdout, stderr } = await run(path, ['--version']);
  return versionPattern.exec(`${stdout} ${stderr}`)?.[1] ?? '0.0.0';
};

/**
 * The program to start, found on PATH before what the set-up recorded.
 * Rejects with COMMAND_NOT_FOUND, saying how to install it or how to give a URL instead.
 */
export const findServer = async (name: ServerName, path: string): Promise<ServerProgram> => {
  const found = await onPath(name, path);
  if (found !== undefined) return { path: found, version: await serverVersion(found) };
  for (const program of await recorded(name)) {
    if (await isExecutable(program.path)) return program;
  }
  const variable = name === 'nats-server' ? 'FLYBALL_NATS_URL' : 'FLYBALL_REDIS_URL';
  const message =
    `${name} is not on PATH. Install it (\`apt-get install ${name}\` or \`brew install ` +
    `${name === 'nats-server' ? 'nats-server' : 'redis'}\`), let \`npm run demo\` do so, ` +
    `or give a running one with ${variable}.`;
  throw new OutsideError('COMMAND_NOT_FOUND', message, { retriable: false });
};
