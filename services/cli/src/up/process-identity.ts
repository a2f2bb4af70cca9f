/** Tells a process from another one that later got the same pid. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Fields of /proc/<pid>/stat after the command's closing parenthesis; the 20th is the start time. */
const startTimeField = 19;

const fromProc = async (pid: number): Promise<string | undefined> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[startTimeField];
};

const fromPs = async (pid: number): Promise<string | undefined> => {
  const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
  return stdout.trim() === '' ? undefined : stdout.trim();
};

/** When the process began, as the system spells it; undefined when there is none (or a zombie). */
export const startTimeOf = async (pid: number): Promise<string | undefined> => {
  try {
    return process.platform === 'linux' ? await fromProc(pid) : await fromPs(pid);
  } catch {
    return undefined;
  }
};

export interface ProcessIdentity {
  readonly name: string;
  readonly pid: number;
  readonly startTime: string;
}

/** Is it still the very process that was recorded? */
export const stillRuns = async (identity: ProcessIdentity): Promise<boolean> =>
  (await startTimeOf(identity.pid)) === identity.startTime;
