/** One running program that cannot outlive us: when we die, however that is, the kernel ends it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const endLimitMs = 15_000;
const lastLinesMax = 12;

export interface PartProcess {
  readonly pid: number;
  readonly running: () => boolean;
  /** The end of what it wrote, for a message. */
  lastLines(): Promise<string>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and SIGKILL after a limit; resolves when it is gone. */
  end(): Promise<void>;
}

export interface ProcessPlan {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** The log goes here, as `<name>.log`. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Gives it an IPC channel, and tells what it says there. */
  readonly onMessage?: (message: unknown) => void;
}

const spawnBound = (plan: ProcessPlan): ChildProcess => {
  const { name, program, args, folder, env = process.env, onMessage } = plan;
  const log = openSync(join(folder, `${name}.log`), 'a');
  try {
    const bound = ['--pdeathsig', 'KILL', '--', program, ...args];
    // A group of its own: a terminal's Ctrl-C reaches the tests alone, which end it in order.
    const options = { detached: true, env: { ...env }, cwd: folder };
    const channel = onMessage === undefined ? [] : ['ipc' as const];
    const child = spawn('setpriv', bound, { ...options, stdio: ['ignore', log, log, ...channel] });
    if (onMessage !== undefined) child.on('message', onMessage);
    return child;
  } finally {
    closeSync(log);
  }
};

const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

/** Starts it; rejects when there is no such program. */
export const startProcess = async (plan: ProcessPlan): Promise<PartProcess> => {
  const child = spawnBound(plan);
  await once(child, 'spawn');
  const exited = once(child, 'exit');
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    if (hasEnded(child)) return;
    child.kill(name);
    await exited;
  };
  return {
    pid: child.pid ?? 0,
    running: () => !hasEnded(child),
    lastLines: async () => {
      const text = await readFile(join(plan.folder, `${plan.name}.log`), 'utf8');
      return text.trimEnd().split('\n').slice(-lastLinesMax).join('\n');
    },
    kill: () => signal('SIGKILL'),
    end: async () => {
      const timer = setTimeout(() => child.kill('SIGKILL'), endLimitMs);
      await signal('SIGTERM').finally(() => clearTimeout(timer));
    },
  };
};
