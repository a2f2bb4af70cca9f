/** One process of a pod: started without a shell, in a group of its own, recorded. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { signalProcess } from '@flyball/service';
import { lastLineOf, withLogFile } from './pod-log.ts';
import type { ProcessRecords } from './process-records.ts';

export interface StartOptions {
  /** For people: `default/web-1a2b3c`. */
  readonly what: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logPath: string;
  readonly records: ProcessRecords;
  /** Something that the process can go on without: a record that could not be written. */
  readonly onTrouble: (error: unknown) => void;
}

export interface StartedProcess {
  readonly pid: number | undefined;
  /** Why it ended, as one sentence; never rejects. All its group is gone then. */
  readonly ended: Promise<string>;
  /** To the whole group: a wrapper such as `npm start` does not always pass signals on. */
  readonly signal: (signal: 'SIGTERM' | 'SIGKILL') => void;
}

/** Why a process could not be started, and what to do about it. */
const spawnFailure = (error: Error, { command, cwd }: StartOptions): string => {
  const code = 'code' in error ? String(error.code) : '';
  const program = command[0] ?? '';
  if (!existsSync(cwd)) return `the working directory ${cwd} does not exist`;
  if (code === 'ENOENT') {
    return `command not found: ${program}; install it, or give the workload a command on PATH`;
  }
  if (code === 'EACCES') return `${program} may not be executed; make it executable (chmod +x)`;
  return `${program} could not be started: ${error.message}`;
};

const describeExit = (code: number | null, signal: NodeJS.Signals | null, last: string): string => {
  const how = signal === null ? `exit code ${code}` : `ended by ${signal}`;
  return last === '' ? how : `${how}: ${last}`;
};

const failed = (options: StartOptions, error: Error): StartedProcess => {
  const message = spawnFailure(error, options);
  // The log says it too; when even that cannot be written, the message is still shown.
  const written = appendFile(options.logPath, `${message}\n`).catch(options.onTrouble);
  return { pid: undefined, ended: written.then(() => message), signal: () => undefined };
};

const launch = (options: StartOptions): ChildProcess => {
  const { command, env, cwd, logPath } = options;
  const [program = '', ...args] = command;
  return withLogFile(logPath, (file) =>
    spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', file, file] }),
  );
};

const exitOf = async (child: ChildProcess, options: StartOptions): Promise<string> => {
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('exit', (...how) => resolve(how));
  });
  // The last line is a courtesy; an exit must be told whatever its log's state is.
  return describeExit(code, signal, await lastLineOf(options.logPath).catch(() => ''));
};

/** Starts it; a program that is missing ends at once with a sentence that says so. */
export const startProcess = (options: StartOptions): StartedProcess => {
  let child: ChildProcess;
  try {
    child = launch(options);
  } catch (error) {
    return failed(options, error instanceof Error ? error : new Error(String(error)));
  }
  const { pid } = child;
  if (pid === undefined) {
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(failed(options, error).ended));
    });
    return { pid, ended, signal: () => undefined };
  }
  const { records, onTrouble } = options;
  const record = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      onTrouble(error);
    }
  };
  record(() => records.started(pid, options.what));
  child.once('exit', () => {
    // Children that it left in its group end with it.
    signalProcess(-pid, 'SIGKILL');
    record(() => records.ended(pid));
  });
  return {
    pid,
    ended: exitOf(child, options),
    signal: (signal) => void signalProcess(-pid, signal),
  };
};
