/** A thread that runs one batch of seeds and hands over a report for each. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Batch } from './run-seeds.ts';
import { reportSeed } from './seed-report.ts';

const { from, seeds, options } = workerData as Batch;
for (let seed = from; seed < from + seeds; seed += 1) {
  parentPort?.postMessage(await reportSeed(seed, options));
}
