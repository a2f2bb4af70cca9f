/** Runs seeds on all processors, in threads that each live for one batch. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SeedOptions, SeedReport } from './seed-report.ts';

/**
 * Seeds of one thread. What a simulated process leaves behind when it is killed (signals that are
 * never aborted) is held by its thread to the end, about 2 MB a seed.
 */
const batchSeeds = 100;

export interface Batch {
  readonly from: number;
  readonly seeds: number;
  readonly options: SeedOptions;
}

export interface SeedsOptions extends Batch {
  /** Ends the threads, wherever they are. */
  readonly signal: AbortSignal;
  /** Told of each seed, in the order in which they end; true ends the run. */
  onReport(report: SeedReport): boolean;
}

const runBatch = (batch: Batch, signal: AbortSignal, onReport: (report: SeedReport) => void) =>
  new Promise<void>((resolve, reject) => {
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url), { workerData: batch });
    const stop = (): void => void worker.terminate();
    signal.addEventListener('abort', stop);
    let told = 0;
    worker.once('error', reject).on('message', (report: SeedReport) => {
      told += 1;
      onReport(report);
    });
    worker.once('exit', () => {
      signal.removeEventListener('abort', stop);
      if (told === batch.seeds || signal.aborted) resolve();
      else reject(new Error(`a thread ended after ${told} of ${batch.seeds} seeds`));
    });
  });

/** Runs the seeds; resolves when all have run, or the run was ended. */
export const runSeeds = async (given: SeedsOptions): Promise<void> => {
  const { from, seeds, options, onReport } = given;
  const end = from + seeds;
  const enough = new AbortController();
  const signal = AbortSignal.any([given.signal, enough.signal]);
  const report = (one: SeedReport): void => {
    if (!signal.aborted && onReport(one)) enough.abort();
  };
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < end && !signal.aborted) {
      const batch = { from: next, seeds: Math.min(batchSeeds, end - next), options };
      next += batch.seeds;
      await runBatch(batch, signal, report);
    }
  };
  const lanes = Math.min(availableParallelism(), Math.ceil(seeds / batchSeeds));
  await Promise.all(Array.from({ length: lanes }, lane));
};
