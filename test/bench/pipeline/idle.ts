/** What it costs when nothing happens: workloads with one pod and no requests. */
import { setTimeout as wait } from 'node:timers/promises';
import type { BenchContext } from '../bench-context.ts';
import type { Figure } from '../report/figure.ts';
import type { PlainBed } from './bed.ts';
import type { Phase } from './phase.ts';
import {
  onePerProcess,
  processorLine,
  processorSeconds,
  totalSeconds,
  usedBetween,
} from './processor-time.ts';
import { deleteWorkloads, makeWorkloads, untilAtRest } from './workloads.ts';

const measuredSeconds = 60;
const shownSeconds = 60;
const restLimitMs = 60_000;
/** Since the last start: what runs each second is compiled then, and costs what it will cost. */
const settleMs = 30_000;

export interface IdleOptions {
  readonly workloads: number;
  readonly figure: Figure;
  readonly onUsed: (title: string, seconds: Readonly<Record<string, number>>) => void;
}

/** Without the pods: what a workload itself costs is its own. */
const controlPlane = (used: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(used).filter(([name]) => name !== 'pods'));

export const idle = (bed: PlainBed, context: BenchContext, options: IdleOptions): Phase => ({
  title: `${options.workloads} workloads with one pod and no requests`,
  figures: [options.figure],
  run: async (ledger) => {
    const processes = onePerProcess(bed.machine.run.processes);
    await bed.platform.configure(undefined);
    const annotations = { 'min-scale': '1', 'initial-scale': '1', target: '10' };
    const wanted = { name: 'idle', count: options.workloads, annotations };
    const workloads = await makeWorkloads(bed, wanted);
    await untilAtRest(bed, workloads, 1, restLimitMs);
    context.tell(`  ${settleMs / 1_000} s at rest before it is measured`);
    await wait(settleMs, undefined, { signal: context.signal });
    const before = await processorSeconds(processes);
    await wait(measuredSeconds * 1_000, undefined, { signal: context.signal });
    const used = usedBetween(before, await processorSeconds(processes));
    const scaled = Object.fromEntries(
      Object.entries(controlPlane(used)).map(([name, seconds]) => [
        name,
        (seconds * shownSeconds) / measuredSeconds,
      ]),
    );
    ledger.add(options.figure, totalSeconds(scaled));
    ledger.note(options.figure, `${options.workloads} workloads; CPU s: ${processorLine(scaled)}`);
    options.onUsed(`${options.figure.id}, ${options.workloads} workloads, 60 s`, scaled);
    await deleteWorkloads(bed, workloads);
  },
});
