/** A real local-node for tests: a child process on a free port with a directory of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkloadKey } from '@flyball/contracts';
import { workloadName } from '@flyball/contracts';
import type { WorkloadManifest } from '@flyball/knative';
import { z } from 'zod';

const main = join(import.meta.dirname, '..', 'main.ts');
const startLimitMs = 20_000;
const listening = z.object({ type: z.literal('listening'), platformUrl: z.string() });

export const testToken = 'a-token-for-tests';

export interface RunningNode {
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code when the process has ended; null after a signal. */
  readonly exited: Promise<number | null>;
  /** Cuts the IPC channel, as the end of the parent does. */
  disconnect(): void;
  /** Starts it again with the same directory and port. The process must have ended. */
  restart(): Promise<RunningNode>;
  /** Ends it, by SIGKILL when it does not end itself, and removes the directory. */
  stop(): Promise<void>;
}

const startProcess = async (
  folder: string,
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; url: string }> => {
  const { PATH = '', HOME = '' } = process.env;
  const child = fork(main, {
    env: {
      PATH,
      HOME,
      FLYBALL_NODE_PORT: String(port),
      FLYBALL_NODE_FOLDER: folder,
      FLYBALL_PLATFORM_TOKEN: testToken,
      FLYBALL_POD_DRAIN_DELAY_MS: '50',
      FLYBALL_POD_GRACE_MS: '1000',
      FLYBALL_LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  const signal = AbortSignal.timeout(startLimitMs);
  const first = await Promise.race([
    once(child, 'message', { signal }),
    once(child, 'exit', { signal }),
  ]);
  const told = listening.safeParse(first[0]);
  if (told.success) return { child, url: told.data.platformUrl };
  child.kill('SIGKILL');
  throw new Error(`the local-node did not start:\n${output}`);
};

const runningIn = async (
  folder: string,
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<RunningNode> => {
  const { child, url } = await startProcess(folder, port, env);
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const { pid = 0 } = child;
  return {
    url,
    pid,
    folder,
    exited,
    signal: (signal) => void child.kill(signal),
    disconnect: () => child.disconnect(),
    restart: () => runningIn(folder, Number(new URL(url).port), env),
    stop: async () => {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
      await exited;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Starts one; `env` adds to or replaces its settings. Rejects with its output when it cannot. */
export const startRunningNode = async (
  env: Readonly<Record<string, string>> = {},
): Promise<RunningNode> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-node-'));
  try {
    return await runningIn(folder, 0, env);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
};

/** A server that answers with its pod's name, slowly for `/slow`, told at once; dies at `/die`. */
const answeringPod = `
const { createServer } = require('node:http');
const server = createServer((request, response) => {
  if (request.url === '/die') { console.error('told to die'); process.exit(7); }
  const isSlow = request.url === '/slow';
  if (isSlow) console.log('slow begins');
  setTimeout(() => response.end(process.env.FLYBALL_POD), isSlow ? 400 : 0);
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => process.exit(0));
`;

/** A manifest whose pods answer; `command` replaces what they run. */
export const testManifest = (
  workload: WorkloadKey,
  more: Partial<WorkloadManifest> = {},
): WorkloadManifest => ({
  kind: 'Service',
  ...workloadName(workload),
  annotations: {},
  containerConcurrency: 0,
  timeoutSeconds: 10,
  command: [process.execPath, '-e', answeringPod],
  env: {},
  source: { file: 'test.yaml', line: 1 },
  ...more,
});
