/** Fifty concurrent requests of a workload at zero: when is the full answer decided? */
import { setTimeout as wait } from 'node:timers/promises';
import type { WorkloadKey } from '@flyball/contracts';
import type { Bed } from './bed.ts';
import { figures } from './figures.ts';
import type { Phase } from './phase.ts';
import { makeWorkloads } from './workloads.ts';

const bursts = 10;
const concurrent = 50;
const target = 10;
/** All of the target is used, as in the articles: 50 ÷ 10 = 5 pods. */
const settings = {
  'allow-zero-initial-scale': 'true',
  'container-concurrency-target-percentage': '1.0',
};
const full = concurrent / target;
const settleMs = 2_500;
const pauseMs = 300;
const decisionLimitMs = 10_000;

const burst = async ({ watch, client }: Bed, workload: WorkloadKey): Promise<number> => {
  const decided = watch.next({
    type: 'Decided',
    workload,
    matches: ({ data }) => data.to >= full,
    limitMs: decisionLimitMs,
  });
  const sentAtMs = Date.now();
  // No pod ever comes: whoever waits is given up when the bed is left.
  const answers = Array.from({ length: concurrent }, () => client.get(workload));
  void Promise.allSettled(answers);
  return (await decided).storedAtMs - sentAtMs;
};

export const fiftyFromZero = (bed: Bed): Phase => ({
  title: '50 concurrent requests from zero',
  figures: [figures.fifty],
  run: async (ledger) => {
    await bed.platform.configure(settings);
    const annotations = { 'initial-scale': '0', target: String(target) };
    const workloads = await makeWorkloads(bed, { name: 'fifty', count: bursts, annotations });
    await wait(settleMs);
    for (const workload of workloads) {
      ledger.add(figures.fifty, await burst(bed, workload));
      await wait(pauseMs);
    }
  },
});
