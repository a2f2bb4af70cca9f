/** How much memory and how many file handles a process has now, from /proc. */
import { readdir, readFile } from 'node:fs/promises';

const kibPerMib = 1_024;

export interface ProcessUse {
  /** Resident, MiB. */
  readonly residentMib: number;
  readonly fileHandles: number;
}

/** Undefined when the process is gone, is another user's, or there is no /proc. */
export const processUse = async (pid: number): Promise<ProcessUse | undefined> => {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const kib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    const handles = await readdir(`/proc/${pid}/fd`);
    return { residentMib: kib / kibPerMib, fileHandles: handles.length };
  } catch {
    return undefined;
  }
};
