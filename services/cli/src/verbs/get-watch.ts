/** `get --watch`: the table drawn live, or a line for each change where nobody looks. */
import type { WorkloadKey } from '@flyball/contracts';
import type { DecidedWorkload } from '@flyball/domain';
import {
  byName,
  followPartition,
  partitionsOf,
  type Reader,
  type ShownWorkload,
  shownWorkload,
  timeOfDay,
  wantedOf,
} from '@flyball/reading';
import { type Context, exitCode, untilAborted } from '../context.ts';
import { fittedTable } from '../output/fitted-table.ts';
import { openLiveArea } from '../output/live-area.ts';
import type { Terminal } from '../output/terminal.ts';
import { workloadTable } from './workload-table.ts';

/** Changes that come this close together are shown together. */
const gatherMs = 50;
/** The screen is drawn again at least this often, so that ages stay true. */
const redrawEveryMs = 1_000;

export interface WatchOptions {
  /** All of them when it is not given. */
  readonly workload?: WorkloadKey | undefined;
  readonly output: 'text' | 'json';
}

interface Display {
  show(workloads: readonly ShownWorkload[], nowMs: number): void;
  done(): void;
}

/** What makes a workload worth telling again; its age alone does not. */
const essence = ({ dataAgeMs: _, coveredAtMs: __, tickAtMs: ___, ...rest }: ShownWorkload) =>
  JSON.stringify(rest);

const jsonDisplay = (terminal: Terminal): Display => {
  let told = '';
  return {
    show: (workloads) => {
      const now = workloads.map(essence).join();
      if (now !== told) terminal.line(JSON.stringify(workloads));
      told = now;
    },
    done: () => undefined,
  };
};

const lineDisplay = (terminal: Terminal): Display => {
  const told = new Map<string, string>();
  return {
    show: (workloads, nowMs) => {
      const [head = '', ...lines] = workloadTable(terminal, workloads, nowMs);
      const isFirst = told.size === 0;
      for (const [index, workload] of workloads.entries()) {
        const key = `${workload.namespace}/${workload.name}`;
        const now = essence(workload);
        if (told.get(key) === now) continue;
        if (isFirst && index === 0) terminal.line(`${'TIME'.padEnd(14)}${head}`);
        told.set(key, now);
        terminal.line(`${timeOfDay(nowMs)}  ${lines[index]}`);
      }
    },
    done: () => undefined,
  };
};

const liveDisplay = (terminal: Terminal): Display => {
  const area = openLiveArea();
  return {
    show: (workloads, nowMs) => {
      const clock = terminal.styled('dim', `${timeOfDay(nowMs)}   Ctrl-C ends`);
      const table = workloadTable(terminal, workloads, nowMs);
      const screen = { rows: area.rows, columns: terminal.columns };
      const andMore = (count: number): string =>
        terminal.styled('dim', `… and ${count} more: \`flyball get\` shows all of them`);
      area.draw(fittedTable(screen, table, ['', clock], andMore));
    },
    done: () => area.done(),
  };
};

const displayFor = (terminal: Terminal, output: 'text' | 'json'): Display => {
  if (output === 'json') return jsonDisplay(terminal);
  return terminal.isInteractive ? liveDisplay(terminal) : lineDisplay(terminal);
};

/** Shows the workloads now and at every change, until the signal aborts. */
export const watchWorkloads = async (
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
  reader: Reader,
  { workload, output }: WatchOptions,
): Promise<number> => {
  const display = displayFor(terminal, output);
  const known = new Map<number, readonly DecidedWorkload[]>();
  const partitions = partitionsOf(reader, workload);
  let cancel: (() => void) | undefined;
  const show = (): void => {
    const nowMs = reader.clock.nowMs();
    const workloads = byName([...known.values()].flat());
    display.show(
      workloads.map((one) => shownWorkload(one, nowMs)),
      nowMs,
    );
    cancel = terminal.isInteractive ? reader.clock.after(redrawEveryMs, show) : undefined;
    waiting = false;
  };
  let waiting = false;
  const showSoon = (): void => {
    if (waiting || known.size < partitions.length) return;
    waiting = true;
    cancel?.();
    cancel = reader.clock.after(gatherMs, show);
  };
  const follow = async (partition: number): Promise<void> => {
    for await (const { state } of followPartition(reader, partition, signal)) {
      known.set(partition, wantedOf(state, workload));
      showSoon();
    }
  };
  await Promise.race([Promise.all(partitions.map(follow)), untilAborted(signal)]);
  cancel?.();
  display.done();
  return exitCode.ok;
};
