/** One pod, and 5 requests at a time become 100: how soon are there enough pods? */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hostOfWorkload } from '@flyball/domain';
import type { Bed } from './bed.ts';
import type { LoadChanged } from './closed-loop.ts';
import { figures } from './figures.ts';
import type { Phase } from './phase.ts';
import { deleteWorkloads, makeWorkloads, untilAtRest } from './workloads.ts';

const path = '/?sleep=100';
const before = 5;
const after = 100;
/** It needs 15 at 70 % of 10; from 13 on it counts as enough. */
const enough = 13;
const steadyMs = 8_000;
const restLimitMs = 20_000;
const scaleLimitMs = 12_000;

const setClients = async (load: ChildProcess, clients: number): Promise<number> => {
  const answered = once(load, 'message') as Promise<[LoadChanged]>;
  load.send({ clients });
  const [{ atMs }] = await answered;
  return atMs;
};

export const burst = (bed: Bed): Phase => ({
  title: 'One pod, from 5 to 100 concurrent requests',
  figures: [figures.burstFirst, figures.burstFull],
  run: async (ledger) => {
    await bed.platform.configure(undefined);
    const annotations = { 'min-scale': '1', 'initial-scale': '1', target: '10' };
    const wanted = { name: 'burst', count: 1, annotations, program: 'sample' as const };
    const workloads = await makeWorkloads(bed, wanted);
    await untilAtRest(bed, workloads, 1, restLimitMs);
    const [workload = 'bench/burst-0' as const] = workloads;
    const { gatewayUrl, domain } = bed.machine.run;
    const host = hostOfWorkload(workload, domain);
    const load = fork(join(import.meta.dirname, 'closed-loop.ts'), [gatewayUrl, host, path]);
    try {
      await setClients(load, before);
      await wait(steadyMs);
      const scaledTo = (replicas: number) =>
        bed.watch.next({
          type: 'ScaleApplied',
          workload,
          matches: ({ data }) => data.to >= replicas,
          limitMs: scaleLimitMs,
        });
      const changes = Promise.all([scaledTo(2), scaledTo(enough)]);
      const burstAtMs = await setClients(load, after);
      const [first, full] = await changes;
      ledger.add(figures.burstFirst, first.event.data.appliedAtMs - burstAtMs);
      ledger.add(figures.burstFull, full.event.data.appliedAtMs - burstAtMs);
      ledger.note(figures.burstFirst, `the first change goes from 1 to ${first.event.data.to}`);
      await setClients(load, 0);
    } finally {
      load.kill();
    }
    await deleteWorkloads(bed, workloads);
  },
});
