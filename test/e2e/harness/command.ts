/** The `flyball` command as a user runs it, in a place of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endHard, markedProcesses, markWith } from './marked-processes.ts';
import { type Ended, type Spawned, spawnKept } from './spawned.ts';

export const repositoryRoot = join(import.meta.dirname, '../../..');
const entry = join(repositoryRoot, 'services/cli/src/main.ts');
/** Node, without remarks about what it strips. */
export const node = [process.execPath, '--disable-warning=ExperimentalWarning'] as const;

/** A folder for the data and files of one test, and the command run with it. */
export interface Place {
  readonly folder: string;
  /** What `--data` is given. */
  readonly data: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a verb to its end. */
  flyball(...args: readonly string[]): Promise<Ended>;
  /** Starts a verb that goes on. */
  start(...args: readonly string[]): Spawned;
  /** The same, with another program before it or another environment. */
  startAs(wrapper: readonly string[], args: readonly string[], env?: Place['env']): Spawned;
  /** Removes everything. Rejects when a process was left behind, which is then ended. */
  leave(): Promise<void>;
}

const endMarked = async (folder: string): Promise<void> => {
  const left = await markedProcesses(folder);
  for (const { pid } of left) endHard(pid);
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  if (left.length === 0) return;
  const names = left.map(({ pid, command }) => `${pid} ${command}`).join('\n  ');
  throw new Error(`Processes were left behind:\n  ${names}`);
};

/** Makes a new place in the temporary folder. */
export const createPlace = async (): Promise<Place> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-e2e-'));
  const data = join(folder, 'data');
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...markWith(folder), FLYBALL_DATA: data };
  const startAs: Place['startAs'] = (wrapper, args, changed = {}) => {
    const [program = '', ...rest] = [...wrapper, ...node, entry, ...args];
    return spawnKept(program, rest, { env: { ...env, ...changed }, cwd: repositoryRoot });
  };
  return {
    folder,
    data,
    env,
    startAs,
    start: (...args) => startAs([], args),
    flyball: (...args) => startAs([], args).ended,
    leave: () => endMarked(folder),
  };
};
