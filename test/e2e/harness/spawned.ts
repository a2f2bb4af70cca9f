/** Child processes of a test whose output is kept, and which never outlive the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { endHard } from './marked-processes.ts';

export interface Spawned {
  readonly pid: number;
  /** What it has written so far. */
  readonly out: () => string;
  readonly err: () => string;
  readonly running: () => boolean;
  readonly ended: Promise<Ended>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface SpawnOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Tests that are cut off leave none of them behind. */
const alive = new Set<number>();
process.once('exit', () => {
  for (const pid of alive) endHard(pid);
});

const keepText = (stream: ChildProcess['stdout']): (() => string) => {
  let text = '';
  stream?.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return () => text;
};

export const spawnKept = (
  program: string,
  args: readonly string[],
  { env, cwd }: SpawnOptions,
): Spawned => {
  const child = spawn(program, args, { env: { ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const out = keepText(child.stdout);
  const err = keepText(child.stderr);
  const { pid } = child;
  if (pid !== undefined) alive.add(pid);
  let running = true;
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      running = false;
      if (pid !== undefined) alive.delete(pid);
      resolve({ code, out: out(), err: err() });
    });
  });
  // Whoever waits for the end is told; nobody has to.
  ended.catch(() => undefined);
  return {
    pid: pid ?? 0,
    out,
    err,
    running: () => running,
    ended,
    kill: (signal) => void child.kill(signal),
  };
};
