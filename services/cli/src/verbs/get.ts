/** `get`: every workload as the decider knows it, from the log alone; once or live. */
import type { WorkloadKey } from '@flyball/contracts';
import type { DecidedWorkload } from '@flyball/domain';
import { type Context, exitCode } from '../context.ts';
import { sayUnknown } from '../reading/known-workloads.ts';
import { viewPartition } from '../reading/partition-view.ts';
import { type Reader, type ReadingOptions, withReader } from '../reading/reader.ts';
import { byName, partitionsOf, shownWorkload, wantedOf } from '../reading/wanted-workloads.ts';
import { watchWorkloads } from './get-watch.ts';
import { workloadTable } from './workload-table.ts';

export interface GetOptions extends ReadingOptions {
  /** All of them when it is not given. */
  readonly workload?: WorkloadKey | undefined;
  readonly watch: boolean;
}

const readWanted = async (
  reader: Reader,
  workload: WorkloadKey | undefined,
  signal: AbortSignal,
): Promise<readonly DecidedWorkload[]> => {
  const found: DecidedWorkload[] = [];
  for (const partition of partitionsOf(reader, workload)) {
    const { state } = await viewPartition(reader, partition, signal);
    found.push(...wantedOf(state, workload));
  }
  return byName(found);
};

/** Prints what `reader` gives; resolves with the exit code. */
export const showWorkloads = async (
  context: Pick<Context, 'terminal' | 'signal'>,
  reader: Reader,
  options: GetOptions,
): Promise<number> => {
  const { terminal, signal } = context;
  const { workload, output } = options;
  const found = await readWanted(reader, workload, signal);
  if (workload !== undefined && found.length === 0) {
    await sayUnknown(terminal, reader, workload);
    return exitCode.no;
  }
  if (options.watch) return watchWorkloads(context, reader, options);
  const nowMs = reader.clock.nowMs();
  const shown = found.map((one) => shownWorkload(one, nowMs));
  if (output === 'json') {
    terminal.line(JSON.stringify(shown, undefined, 2));
  } else if (shown.length === 0) {
    terminal.note('No workloads yet: `flyball apply -f FILE` adds some.');
  } else {
    for (const line of workloadTable(terminal, shown, nowMs)) terminal.line(line);
  }
  return exitCode.ok;
};

/** `flyball get [NS/NAME]`. */
export const get = (context: Context, options: GetOptions): Promise<number> =>
  withReader(options.data, (reader) => showWorkloads(context, reader, options));
