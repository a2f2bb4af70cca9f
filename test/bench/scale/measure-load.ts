/** Lets the samples come for a while, and reads off what the stages did and used meanwhile. */
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { WorkloadKey } from '@flyball/contracts';
import { readPartitionCount } from '@flyball/event-log';
import type { Bed } from '../pipeline/bed.ts';
import type { Ledger } from '../pipeline/phase.ts';
import {
  type ProcessorSeconds,
  processorLine,
  processorSeconds,
  totalSeconds,
  usedBetween,
} from '../pipeline/processor-time.ts';
import type { SampleSource } from '../pipeline/sample-source.ts';
import { processUse } from '../report/process-memory.ts';
import type { ScaleFigures } from './figures.ts';
import { beginSamples, type SteadySamples } from './steady-samples.ts';
import { type TickTimes, type TickWatch, watchTicks } from './tick-watch.ts';

export interface LoadWanted {
  readonly workloads: readonly WorkloadKey[];
  readonly source: SampleSource;
  readonly figures: ScaleFigures;
  /** Before anything is measured. */
  readonly settleMs: number;
  readonly forMs: number;
  readonly signal: AbortSignal;
}

const tickEveryMs = 2_000;
/** Ticks fall this long after an even second. */
const tickOffsetMs = 200;
/** How often it is looked whether a tick is decided everywhere. */
const lookEveryMs = 200;
/** What the last ticks have to be decided. */
const lastTicksMs = 5_000;
const secondsPerHour = 3_600;
const secondsPerDay = 86_400;
const bytesPerKb = 1_000;

interface Reading {
  readonly atMs: number;
  readonly processor: ProcessorSeconds;
  readonly samplesBytes: number;
  readonly samplesMessages: number;
  readonly transport: number;
  readonly kept: number;
}

const samplesEver = async ({ log }: Bed): Promise<{ bytes: number; messages: number }> => {
  const { bytes, messages, lastSeq } = await log.samples.state();
  // Old ones go while we look: the last sequence counts all that ever came.
  return { bytes: messages === 0 ? 0 : (bytes / messages) * lastSeq, messages: lastSeq };
};

const read = async (bed: Bed, watch: TickWatch): Promise<Reading> => {
  const { bytes, messages } = await samplesEver(bed);
  return {
    atMs: Date.now(),
    processor: await processorSeconds(bed.machine.run.processes),
    samplesBytes: bytes,
    samplesMessages: messages,
    ...watch.bytes,
  };
};

/** Every tick that was due from..to, of every partition; one that nobody heard of has no times. */
const ticksDue = (
  seen: readonly TickTimes[],
  partitions: number,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly Pick<TickTimes, 'dueAtMs' | 'observedAtMs' | 'decidedAtMs'>[] => {
  const byKey = new Map(seen.map((tick) => [`${tick.partition} ${tick.dueAtMs}`, tick]));
  const firstMs = Math.ceil((fromMs - tickOffsetMs) / tickEveryMs) * tickEveryMs + tickOffsetMs;
  const due: Pick<TickTimes, 'dueAtMs' | 'observedAtMs' | 'decidedAtMs'>[] = [];
  for (let dueAtMs = firstMs; dueAtMs < toMs; dueAtMs += tickEveryMs) {
    for (let partition = 0; partition < partitions; partition += 1) {
      const never = { dueAtMs, observedAtMs: undefined, decidedAtMs: undefined };
      due.push(byKey.get(`${partition} ${dueAtMs}`) ?? never);
    }
  }
  return due;
};

const noteTicks = (
  ledger: Ledger,
  figures: ScaleFigures,
  due: ReturnType<typeof ticksDue>,
): void => {
  let missing = 0;
  for (const { dueAtMs, observedAtMs, decidedAtMs } of due) {
    if (observedAtMs === undefined || decidedAtMs === undefined) missing += 1;
    if (observedAtMs !== undefined) ledger.add(figures.observed, observedAtMs - dueAtMs);
    if (decidedAtMs !== undefined) ledger.add(figures.decided, decidedAtMs - dueAtMs);
  }
  ledger.add(figures.ticksMissing, missing);
  ledger.note(figures.ticksMissing, `of ${due.length} in all partitions`);
};

/** A tick that was passed over because the one before took too long is told, not hidden. */
const noteFirst = (
  ledger: Ledger,
  figures: ScaleFigures,
  due: ReturnType<typeof ticksDue>,
): void => {
  const lags = due.flatMap(({ dueAtMs, decidedAtMs }) =>
    decidedAtMs === undefined ? [] : [decidedAtMs - dueAtMs],
  );
  ledger.add(figures.firstDecided, ...lags);
  const passed = due.length - lags.length;
  ledger.note(figures.firstDecided, `${passed} of ${due.length} ticks were passed over`);
};

const noteMemory = async (bed: Bed, ledger: Ledger, figures: ScaleFigures): Promise<void> => {
  const used = await Promise.all(
    bed.machine.run.processes.map(async ({ name, pid }) => ({ name, use: await processUse(pid) })),
  );
  const known = used.filter(({ use }) => use !== undefined);
  const sum = known.reduce((all, { use }) => all + (use?.residentMib ?? 0), 0);
  if (known.length === 0) return;
  ledger.add(figures.memory, sum);
  const line = known.map(({ name, use }) => `${name} ${Math.round(use?.residentMib ?? 0)}`);
  ledger.note(figures.memory, `MiB: ${line.join(', ')}`);
};

const noteCosts = (
  ledger: Ledger,
  figures: ScaleFigures,
  workloads: number,
  { before, after }: { readonly before: Reading; readonly after: Reading },
): void => {
  const seconds = (after.atMs - before.atMs) / 1_000;
  const perHour = secondsPerHour / seconds / workloads;
  const used = usedBetween(before.processor, after.processor);
  if (Object.keys(used).length > 0) ledger.add(figures.processor, totalSeconds(used) * perHour);
  const cores = (totalSeconds(used) / seconds).toFixed(2);
  ledger.note(
    figures.processor,
    `${cores} cores busy; CPU s in ${seconds.toFixed(0)} s: ${processorLine(used)}; ` +
      `load average ${(loadavg()[0] ?? Number.NaN).toFixed(1)}`,
  );
  const kbPerDay = secondsPerDay / seconds / workloads / bytesPerKb;
  ledger.add(figures.samplesBytes, (after.samplesBytes - before.samplesBytes) * kbPerDay);
  ledger.add(figures.transportBytes, (after.transport - before.transport) * kbPerDay);
  ledger.add(figures.eventsBytes, (after.kept - before.kept) * kbPerDay);
};

/** Until a tick that is due from now on is decided in all partitions: milliseconds from now. */
const catchUp = async (
  watch: TickWatch,
  partitions: number,
  signal: AbortSignal,
): Promise<number> => {
  const fromMs = Date.now();
  for (;;) {
    const decided = watch
      .ticks()
      .filter(({ dueAtMs, decidedAtMs }) => dueAtMs >= fromMs && decidedAtMs !== undefined);
    const byPartition = new Map(
      decided.map(({ partition, decidedAtMs = 0 }) => [partition, decidedAtMs]),
    );
    if (byPartition.size === partitions) return Math.max(...byPartition.values()) - fromMs;
    await wait(lookEveryMs, undefined, { signal });
  }
};

/** Resolves with what was published; its last minutes may not be recorded yet. */
export const measureLoad = async (
  bed: Bed,
  ledger: Ledger,
  wanted: LoadWanted,
): Promise<SteadySamples> => {
  const { workloads, figures, signal } = wanted;
  const partitions = await readPartitionCount(bed.log);
  const watch = await watchTicks(bed);
  ledger.add(figures.caughtUp, await catchUp(watch, partitions, signal));
  const begunAtMs = Date.now();
  const samples = beginSamples(wanted.source, workloads);
  try {
    await wait(wanted.settleMs, undefined, { signal });
    const before = await read(bed, watch);
    await wait(wanted.forMs, undefined, { signal });
    const after = await read(bed, watch);
    await noteMemory(bed, ledger, figures);
    await wait(lastTicksMs, undefined, { signal });
    const span = { fromMs: before.atMs, toMs: after.atMs };
    noteTicks(ledger, figures, ticksDue(watch.ticks(), partitions, span));
    const early = { fromMs: begunAtMs, toMs: before.atMs };
    noteFirst(ledger, figures, ticksDue(watch.ticks(), partitions, early));
    noteCosts(ledger, figures, workloads.length, { before, after });
    ledger.note(
      figures.observed,
      `the slowest second was published ${samples.slowestMs()} ms late`,
    );
  } finally {
    await Promise.all([watch.stop(), samples.stop()]);
  }
  return samples;
};
