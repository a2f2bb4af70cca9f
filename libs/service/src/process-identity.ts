/** Which process a pid means: the kernel gives pids out again, so a start time goes with each. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Processes of one group, as far as the system can tell them. */
interface ProcessStat {
  readonly pid: number;
  readonly group: number;
  readonly state: string;
  readonly startTime: string;
}

const readOr = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not Linux, or the process is gone: both mean that nothing is known.
    return undefined;
  }
};

const statOf = (pid: number): ProcessStat | undefined => {
  const text = readOr(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name in parentheses may hold anything; the fields that follow it may not.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', , group] = fields;
  return { pid, group: Number(group), state, startTime: fields[19] ?? '' };
};

const bootId = (readOr('/proc/sys/kernel/random/boot_id') ?? '').trim();

const startTimeByPs = (pid: number): string | undefined => {
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return started.trim() || undefined;
  } catch {
    // ps answers with an error for a pid that is gone.
    return undefined;
  }
};

/** Names this life of the pid over restarts of the machine; undefined when no process has it. */
export const identityOf = (pid: number): string | undefined => {
  if (bootId === '') return startTimeByPs(pid);
  const stat = statOf(pid);
  return stat === undefined || stat.state === 'Z' ? undefined : `${bootId}:${stat.startTime}`;
};

/**
 * The living members of a process group whose leader is gone. A pid is not given out again while
 * its group lives, so the group is the recorded one if it began after the leader did.
 */
export const orphansOf = (group: number, leaderIdentity: string): readonly number[] => {
  const [boot, startTime] = leaderIdentity.split(':');
  if (bootId === '' || boot !== bootId || identityOf(group) !== undefined) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map((pid) => statOf(Number(pid)))
    .filter((stat) => stat !== undefined)
    .filter((stat) => stat.group === group && stat.state !== 'Z')
    .filter((stat) => Number(stat.startTime) >= Number(startTime))
    .map((stat) => stat.pid);
};

/** Signals a process group, or one process; false when there is nobody. */
export const signalProcess = (target: number, signal: NodeJS.Signals): boolean => {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    // On macOS a group whose only members are zombies answers EPERM.
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return false;
    throw error;
  }
};
