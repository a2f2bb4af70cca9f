/** `get`: every workload as the decider knows it, from the log alone; once or live. */
import type { WorkloadKey } from '@flyball/contracts';
import type { DecidedWorkload } from '@flyball/domain';
import {
  byName,
  duration,
  foreignClassNotices,
  illPodNotices,
  isDeciderSilent,
  isRecorded,
  leftAloneNotices,
  type PartitionView,
  partitionsOf,
  type Reader,
  shownWorkload,
  viewPartition,
  wantedOf,
} from '@flyball/reading';
import { type Context, exitCode } from '../context.ts';
import type { Terminal } from '../output/terminal.ts';
import { addingHint, sayUnknown } from '../output/unknown-workload.ts';
import { type ReadingOptions, withReader } from '../reading/reader.ts';
import { type WatchOptions, watchWorkloads } from './get-watch.ts';
import { workloadTable } from './workload-table.ts';

export interface GetOptions extends ReadingOptions, WatchOptions {
  readonly watch: boolean;
}

interface Wanted {
  readonly workloads: readonly DecidedWorkload[];
  /** What is to be known of the partitions that they are in. */
  readonly notices: readonly string[];
}

const silence = (partition: number, { state, decidedAtMs }: PartitionView): readonly string[] => {
  const behindMs = state.tick.atMs - decidedAtMs;
  if (!isDeciderSilent(state.tick.atMs, decidedAtMs)) return [];
  const since = decidedAtMs === 0 ? 'has decided nothing yet' : `is ${duration(behindMs)} behind`;
  return [`The decider of partition ${partition} ${since}: shown is what is recorded.`];
};

const readWanted = async (
  reader: Reader,
  workload: WorkloadKey | undefined,
  signal: AbortSignal,
): Promise<Wanted> => {
  const workloads: DecidedWorkload[] = [];
  const notices: string[] = [];
  for (const partition of partitionsOf(reader, workload)) {
    const view = await viewPartition(reader, partition, signal);
    const wanted = wantedOf(view.state, workload);
    workloads.push(...wanted);
    if (wanted.length === 0) continue;
    notices.push(...silence(partition, view));
    notices.push(...(await leftAloneNotices(reader, view.state, workload)));
  }
  notices.push(...(await illPodNotices(reader, workload)));
  return { workloads: byName(workloads), notices };
};

const sayAbsent = async (
  terminal: Terminal,
  reader: Reader,
  workload: WorkloadKey,
): Promise<void> => {
  if (!(await isRecorded(reader, workload))) return sayUnknown(terminal, reader, workload);
  const why = `\`flyball history ${workload}\` says why`;
  terminal.note(`${workload} is not under Flyball any more; ${why}.`, 'red');
};

/** Prints what `reader` gives; resolves with the exit code. */
export const showWorkloads = async (
  context: Pick<Context, 'terminal' | 'signal'>,
  reader: Reader,
  options: GetOptions,
): Promise<number> => {
  const { terminal, signal } = context;
  const { workload, output } = options;
  const { workloads, notices } = await readWanted(reader, workload, signal);
  if (workload !== undefined && workloads.length === 0) {
    await sayAbsent(terminal, reader, workload);
    return exitCode.no;
  }
  for (const notice of notices) terminal.note(notice, 'yellow');
  if (options.watch) return watchWorkloads(context, reader, options);
  const foreign = workload === undefined ? await foreignClassNotices(reader) : [];
  const nowMs = reader.clock.nowMs();
  const shown = workloads.map((one) => shownWorkload(one, nowMs));
  if (output === 'json') {
    terminal.line(JSON.stringify(shown, undefined, 2));
  } else if (shown.length > 0) {
    for (const line of workloadTable(terminal, shown, nowMs)) terminal.line(line);
  } else if (foreign.length === 0) {
    terminal.note(`No workloads yet. ${addingHint(reader)}`);
  }
  for (const notice of foreign) terminal.note(notice, 'yellow');
  return exitCode.ok;
};

/** `flyball get [NS/NAME]`. */
export const get = (context: Context, options: GetOptions): Promise<number> =>
  withReader(context, options, (reader) => showWorkloads(context, reader, options));
