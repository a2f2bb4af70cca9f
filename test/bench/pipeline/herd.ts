/** Many workloads at zero, one request each, all at once. */
import { setTimeout as wait } from 'node:timers/promises';
import type { WorkloadKey } from '@flyball/contracts';
import type { Bed } from './bed.ts';
import { figures } from './figures.ts';
import type { Phase } from './phase.ts';
import { deleteWorkloads, makeWorkloads } from './workloads.ts';

/** A tick has seen them all before they are asked. */
const settleMs = 2_500;
const scaleLimitMs = 30_000;
const annotations = { 'initial-scale': '0', target: '10' };
const settings = { 'allow-zero-initial-scale': 'true' };

interface Asked {
  /** From the request to the moment at which the platform took the scale, of each. */
  readonly scaledMs: readonly number[];
  /** How many were answered 200; resolves when the last one was answered or given up. */
  readonly answered: Promise<number>;
}

const askAll = async (
  { watch, client }: Bed,
  workloads: readonly WorkloadKey[],
): Promise<Asked> => {
  const scales = workloads.map((workload) =>
    watch.next({
      type: 'ScaleApplied',
      workload,
      matches: ({ data }) => data.to > 0,
      limitMs: scaleLimitMs,
    }),
  );
  const sentAtMs = Date.now();
  const answers = workloads.map((workload) => client.get(workload));
  const answered = Promise.allSettled(answers).then(
    (all) => all.filter((one) => one.status === 'fulfilled' && one.value.status === 200).length,
  );
  const applied = await Promise.all(scales);
  return { scaledMs: applied.map(({ event }) => event.data.appliedAtMs - sentAtMs), answered };
};

/** A hundred, whose pods are held back and then answer. */
export const herdOf100 = (bed: Bed): Phase => ({
  title: '100 workloads asked at once',
  figures: [figures.herd, figures.herdAnswered],
  run: async (ledger) => {
    await bed.platform.configure(settings);
    const workloads = await makeWorkloads(bed, { name: 'herd', count: 100, annotations });
    await wait(settleMs);
    const { scaledMs, answered } = await askAll(bed, workloads);
    ledger.add(figures.herd, ...scaledMs);
    ledger.add(figures.herdAnswered, await answered);
    await deleteWorkloads(bed, workloads);
  },
});

/** Five hundred, whose pods are not started: that many processes would measure the machine. */
export const herdOf500 = (bed: Bed): Phase => ({
  title: '500 workloads asked at once',
  figures: [figures.herd500],
  run: async (ledger) => {
    await bed.platform.configure(settings);
    const workloads = await makeWorkloads(bed, { name: 'mass', count: 500, annotations });
    await wait(settleMs);
    const { scaledMs } = await askAll(bed, workloads);
    ledger.add(figures.herd500, ...scaledMs);
  },
});
