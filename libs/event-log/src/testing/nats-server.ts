/** Real NATS servers for tests: started on a free port, killed, frozen and restarted at will. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { freePort } from './free-port.ts';

export { freePort };

export interface NatsServerBinary {
  readonly path: string;
  /** For instance `2.14.9`. */
  readonly version: string;
}

export interface NatsServerOptions {
  readonly binary: NatsServerBinary;
  /** Further configuration in the server's own format: users, permissions, limits. */
  readonly configText?: string;
  /** How much all streams together may store; as much as the disk has by default. */
  readonly maxStoreBytes?: number;
}

export interface RunningNatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly version: string;
  /** Sends a signal: SIGSTOP freezes it, SIGCONT goes on. After SIGKILL it is gone. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /**
   * Starts it again on the same port and store, killing it first if it still runs; with another
   * `configText` when one is given.
   */
  restart(configText?: string): Promise<void>;
  /** Kills it, keeps a copy of its store, and starts it again. */
  keepStore(): Promise<void>;
  /** Kills it and starts it on the copy: what was stored since is lost. */
  goBack(): Promise<void>;
  /** Kills it and removes its store. */
  stop(): Promise<void>;
}

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..', '..', '..', '..');
const startLimitMs = 15_000;
const pollMs = 20;

const serversSchema = z.object({
  natsServer: z.array(z.object({ path: z.string(), version: z.string() })).default([]),
});

const installed = (): readonly NatsServerBinary[] => {
  const file = join(root, '.tools', 'servers.json');
  if (!existsSync(file)) return [];
  return serversSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).natsServer;
};

const places = [join(root, '.tools', 'bin', 'nats-server'), 'nats-server', '/usr/sbin/nats-server'];

const versionOf = async (path: string): Promise<string | undefined> => {
  try {
    const { stdout } = await run(path, ['--version']);
    return /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    // Not installed there, which is no error: another place may have it.
    return undefined;
  }
};

/** One binary per version that this machine has, oldest first; the set-up's list comes first. */
export const availableNatsServers = async (): Promise<readonly NatsServerBinary[]> => {
  const byVersion = new Map(installed().map((binary) => [binary.version, binary]));
  for (const path of places) {
    const version = await versionOf(path);
    if (version !== undefined && !byVersion.has(version)) byVersion.set(version, { path, version });
  }
  const numeric = new Intl.Collator('en', { numeric: true });
  return [...byVersion.values()].sort((a, b) => numeric.compare(a.version, b.version));
};

const accepts = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  try {
    // Its first line greets the client; JetStream is ready before that.
    await once(socket, 'data');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

const untilReady = async (child: ChildProcess, port: number, log: () => string): Promise<void> => {
  const deadlineMs = performance.now() + startLimitMs;
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null) throw new Error(`nats-server ended at once:\n${log()}`);
    if (await accepts(port)) return;
    await sleep(pollMs);
  }
  child.kill('SIGKILL');
  throw new Error(`nats-server was not ready within ${startLimitMs} ms:\n${log()}`);
};

/** Tests that are cut off leave no server behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const spawnServer = async (path: string, folder: string, port: number): Promise<ChildProcess> => {
  const child = spawn(path, ['-c', join(folder, 'nats.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const lines: string[] = [];
  const keptLines = 40;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lines.push(text);
    if (lines.length > keptLines) lines.shift();
  });
  await untilReady(child, port, () => lines.join(''));
  return child;
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
};

/** Starts a server with JetStream on a free port; `await using` stops it and removes its store. */
export const startNatsServer = async (options: NatsServerOptions): Promise<RunningNatsServer> => {
  const { path, version } = options.binary;
  const folder = await mkdtemp(join(tmpdir(), 'flyball-nats-'));
  const [store, kept] = [join(folder, 'store'), join(folder, 'kept')];
  const port = await freePort();
  const limit =
    options.maxStoreBytes === undefined ? '' : `, max_file_store: ${options.maxStoreBytes}`;
  const writeConfig = (configText: string) =>
    writeFile(
      join(folder, 'nats.conf'),
      `listen: "127.0.0.1:${port}"
jetstream { store_dir: "${store}"${limit} }
${configText}
`,
    );
  await writeConfig(options.configText ?? '');
  let child = await spawnServer(path, folder, port);
  const copyStore = async (from: string, to: string) => {
    await end(child);
    await rm(to, { recursive: true, force: true });
    await cp(from, to, { recursive: true });
    child = await spawnServer(path, folder, port);
  };
  const stop = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    version,
    signal: async (name) => {
      if (name === 'SIGKILL') await end(child);
      else child.kill(name);
    },
    restart: async (configText) => {
      await end(child);
      if (configText !== undefined) await writeConfig(configText);
      child = await spawnServer(path, folder, port);
    },
    keepStore: () => copyStore(store, kept),
    goBack: () => copyStore(kept, store),
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
