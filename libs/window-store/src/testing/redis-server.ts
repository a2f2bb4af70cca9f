/** Real Redis servers for tests: a free port, a password, AOF everysec; killed and restarted. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { z } from 'zod';

export interface RedisServerBinary {
  readonly path: string;
  /** For instance `7.0.15`. */
  readonly version: string;
}

export interface RunningRedisServer extends AsyncDisposable {
  /** With the password. */
  readonly url: string;
  readonly port: number;
  readonly password: string;
  readonly version: string;
  /** SIGSTOP freezes it, SIGCONT goes on. After SIGKILL it is gone. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Starts it again on the same port and data, killing it first if it still runs. */
  restart(): Promise<void>;
  /** Sends one command and gives back its reply. */
  command(name: string, ...args: readonly string[]): Promise<unknown>;
  /** Kills it and removes its data. */
  stop(): Promise<void>;
}

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..', '..', '..', '..');
const startLimitMs = 15_000;
const pollMs = 20;
const testPassword = 'flyball-test';

const binarySchema = z.object({ path: z.string(), version: z.string() });
const serversSchema = z.object({
  redisServer: z.union([z.array(binarySchema), binarySchema.transform((one) => [one])]).default([]),
});

const installed = (): readonly RedisServerBinary[] => {
  const file = join(root, '.tools', 'servers.json');
  if (!existsSync(file)) return [];
  return serversSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).redisServer;
};

const versionOf = async (path: string): Promise<string | undefined> => {
  try {
    const { stdout } = await run(path, ['--version']);
    return /v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    // Not installed there, which is no error: another place may have it.
    return undefined;
  }
};

/** One binary per version that this machine has; the set-up's list comes first. */
export const availableRedisServers = async (): Promise<readonly RedisServerBinary[]> => {
  const byVersion = new Map(installed().map((binary) => [binary.version, binary]));
  const version = await versionOf('redis-server');
  if (version !== undefined && !byVersion.has(version)) {
    byVersion.set(version, { path: 'redis-server', version });
  }
  return [...byVersion.values()];
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
};

const call = async (port: number, name: string, args: readonly string[]): Promise<unknown> => {
  const redis = new Redis({
    port,
    host: '127.0.0.1',
    password: testPassword,
    lazyConnect: true,
    retryStrategy: () => null,
  });
  // Its errors reach the caller as rejections.
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await redis.call(name, ...args);
  } finally {
    redis.disconnect();
  }
};

const untilReady = async (child: ChildProcess, port: number, log: () => string): Promise<void> => {
  const deadlineMs = performance.now() + startLimitMs;
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null) throw new Error(`redis-server ended at once:\n${log()}`);
    try {
      await call(port, 'PING', []);
      return;
    } catch {
      // Not listening yet, or still loading its data.
      await sleep(pollMs);
    }
  }
  child.kill('SIGKILL');
  throw new Error(`redis-server was not ready within ${startLimitMs} ms:\n${log()}`);
};

/** Tests that are cut off leave no server behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const spawnServer = async (path: string, folder: string, port: number): Promise<ChildProcess> => {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    requirepass: testPassword,
    save: '',
    appendonly: 'yes',
    appendfsync: 'everysec',
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);
  const child = spawn(path, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const lines: string[] = [];
  const keptLines = 40;
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      lines.push(text);
      if (lines.length > keptLines) lines.shift();
    });
  }
  await untilReady(child, port, () => lines.join(''));
  return child;
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
};

/** Starts a server on a free port; `await using` stops it and removes its data. */
export const startRedisServer = async (binary: RedisServerBinary): Promise<RunningRedisServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-redis-'));
  const port = await freePort();
  let child = await spawnServer(binary.path, folder, port);
  const stop = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  return {
    url: `redis://:${testPassword}@127.0.0.1:${port}`,
    port,
    password: testPassword,
    version: binary.version,
    signal: async (name) => {
      if (name === 'SIGKILL') await end(child);
      else child.kill(name);
    },
    restart: async () => {
      await end(child);
      child = await spawnServer(binary.path, folder, port);
    },
    command: (name, ...args) => call(port, name, args),
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
