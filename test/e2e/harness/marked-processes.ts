/** The processes of one test, told by a mark in their environment that all of them inherit. */
import { readdir, readFile } from 'node:fs/promises';

export interface MarkedProcess {
  readonly pid: number;
  readonly command: string;
}

/** TMPDIR is passed on from `flyball up` to the stores, the services and the pods. */
const markVariable = 'TMPDIR';

/** The environment that marks a process and all that come from it with a folder of the test. */
export const markWith = (folder: string): Record<string, string> => ({ [markVariable]: folder });

const readProc = async (pid: number, file: string): Promise<readonly string[]> => {
  try {
    return (await readFile(`/proc/${pid}/${file}`, 'utf8')).split('\0').filter((text) => text);
  } catch {
    // It has ended in the meantime, or it is another user's.
    return [];
  }
};

/** All processes that carry the mark; zombies have no environment and are not among them. */
export const markedProcesses = async (folder: string): Promise<readonly MarkedProcess[]> => {
  const mark = `${markVariable}=${folder}`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (!(await readProc(pid, 'environ')).includes(mark)) return [];
      return [{ pid, command: (await readProc(pid, 'cmdline')).join(' ') }];
    }),
  );
  return found.flat();
};

/** Ends one process hard; that it has ended already is fine. */
export const endHard = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended, which is what was wanted.
  }
};
