/** How much processor time each part has used, from /proc; nothing where there is none. */
import { readdir, readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second for user space, whatever the kernel's own tick is. */
const ticksPerSecond = 100;
/** Fields of /proc/<pid>/stat after the command's closing parenthesis. */
const parentField = 1;
const userField = 11;
const systemField = 12;

interface ProcessStat {
  readonly parent: number;
  readonly seconds: number;
}

const statOf = async (pid: number): Promise<ProcessStat | undefined> => {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[userField]) + Number(fields[systemField]);
    return { parent: Number(fields[parentField]), seconds: ticks / ticksPerSecond };
  } catch {
    return undefined;
  }
};

export interface Part {
  readonly name: string;
  readonly pid: number;
}

/** Parts that share a process are one. */
export const onePerProcess = (parts: readonly Part[]): Part[] =>
  [...Map.groupBy(parts, ({ pid }) => pid).values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    return [more.length === 0 ? first : { ...first, name: 'all stages' }];
  });

/** Seconds by part. */
export type ProcessorSeconds = Readonly<Record<string, number>>;

/** The parts, and as `pods` all children of the local-node. Empty where /proc is missing. */
export const processorSeconds = async (parts: readonly Part[]): Promise<ProcessorSeconds> => {
  const seconds: Record<string, number> = {};
  for (const { name, pid } of parts) {
    const stat = await statOf(pid);
    if (stat !== undefined) seconds[name] = stat.seconds;
  }
  const node = parts.find(({ name }) => name === 'local-node')?.pid;
  if (node === undefined || seconds['local-node'] === undefined) return seconds;
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const stats = await Promise.all(pids.map(statOf));
  const pods = stats.filter((stat) => stat?.parent === node);
  return { ...seconds, pods: pods.reduce((sum, stat) => sum + (stat?.seconds ?? 0), 0) };
};

/** What was used between two readings; a part that is new began at nothing. */
export const usedBetween = (before: ProcessorSeconds, after: ProcessorSeconds): ProcessorSeconds =>
  Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]),
  );

export const totalSeconds = (used: ProcessorSeconds): number =>
  Object.values(used).reduce((sum, seconds) => sum + seconds, 0);

/** One line, the greatest first. */
export const processorLine = (used: ProcessorSeconds): string =>
  Object.entries(used)
    .sort(([, left], [, right]) => right - left)
    .map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`)
    .join(', ');
