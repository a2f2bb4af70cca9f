/** Processor time of a process and all its descendants, as the kernel books it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
/** Fields of /proc/PID/stat behind the name, which may itself hold spaces. */
const fieldOf = { userTicks: 11, systemTicks: 12 } as const;

const childrenOf = (pid: number): number[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .split(' ')
        .filter((text) => text !== '')
        .map(Number),
    );
  } catch {
    // It has ended in between; its time is its parent's then.
    return [];
  }
};

const ownSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[fieldOf.userTicks]) + Number(fields[fieldOf.systemTicks]);
  return ticks / ticksPerSecond;
};

/** User and system seconds of the process tree so far. Throws when the process has ended. */
export const processorSeconds = (pid: number): number =>
  childrenOf(pid).reduce((sum, child) => sum + processorSeconds(child), ownSeconds(pid));
