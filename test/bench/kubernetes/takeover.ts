/** Two deciders and two actuators: how long a partition is nobody's when one of them is killed. */
import { setTimeout as wait } from 'node:timers/promises';
import { readPartitionCount } from '@flyball/event-log';
import type { BenchContext } from '../bench-context.ts';
import type { SeenEvent } from '../pipeline/log-watch.ts';
import type { Ledger, Phase } from '../pipeline/phase.ts';
import type { ClusterBed } from './bed.ts';
import { makeDeployments, removeDeployments } from './deployments.ts';
import { figures } from './figures.ts';

/** Enough for each of the partitions to have some. */
const count = 48;
/** The second replica takes its share within this. */
const shareMs = 10_000;
const limitMs = 60_000;
const pollMs = 50;
const deaths = { whole: 3, fast: 1 };

/** Kills the replica that has been there for longest, and starts one more when `use` is done. */
const withoutOne = async (
  { flyball }: ClusterBed,
  service: 'decider' | 'actuator',
  use: (killedAtMs: number) => Promise<void>,
): Promise<void> => {
  const [oldest] = flyball.replicas(service);
  if (oldest === undefined) throw new Error(`there is no ${service} to kill`);
  await flyball.kill(service, oldest.instance);
  await use(Date.now());
  await flyball.start(service);
  await flyball.untilReady();
  await wait(shareMs);
};

/** Resolves with when the first such event of each of so many was stored, after a moment. */
const firstOfEach = async (
  { watch }: ClusterBed,
  { of, how, afterMs }: { of: number; how: (seen: SeenEvent) => unknown; afterMs: number },
): Promise<readonly number[]> => {
  const first = new Map<unknown, number>();
  const stop = watch.follow((seen) => {
    const key = how(seen);
    if (key === undefined || seen.storedAtMs <= afterMs || first.has(key)) return;
    first.set(key, seen.storedAtMs);
  });
  try {
    const untilMs = performance.now() + limitMs;
    while (first.size < of) {
      if (performance.now() > untilMs) throw new Error(`${first.size} of ${of} spoke again`);
      await wait(pollMs);
    }
    return [...first.values()];
  } finally {
    stop();
  }
};

const killDeciders = async (bed: ClusterBed, ledger: Ledger, times: number): Promise<void> => {
  const partitions = await readPartitionCount(bed.log);
  for (let time = 0; time < times; time += 1) {
    let moved = 0;
    const stop = bed.watch.follow(({ event }) => {
      if (event.type === 'ScaleApplied') moved += 1;
    });
    await withoutOne(bed, 'decider', async (afterMs) => {
      const how = ({ event }: SeenEvent) =>
        event.type === 'DecidedThrough' ? event.partition : undefined;
      const said = await firstOfEach(bed, { of: partitions, how, afterMs });
      ledger.add(figures.deciderTakeover, ...said.map((atMs) => atMs - afterMs));
    });
    stop();
    ledger.add(figures.movedByDeath, moved);
  }
};

const killActuators = async (bed: ClusterBed, ledger: Ledger, times: number): Promise<void> => {
  for (let time = 0; time < times; time += 1) {
    await withoutOne(bed, 'actuator', async (afterMs) => {
      const replicas = time + 2;
      await bed.flyball.autoscaler.change({ 'min-scale': String(replicas) });
      const how = ({ event }: SeenEvent) =>
        event.type === 'ScaleApplied' && event.data.to === replicas ? event.workload : undefined;
      const applied = await firstOfEach(bed, { of: count, how, afterMs });
      ledger.add(figures.actuatorTakeover, ...applied.map((atMs) => atMs - afterMs));
    });
  }
};

const run = async (bed: ClusterBed, ledger: Ledger, times: number): Promise<void> => {
  const namespace = 'bench-takeover';
  const wanted = { count, pods: 'nowhere' as const, replicas: 1, annotations: {} };
  await bed.flyball.autoscaler.change({ 'min-scale': '1' });
  const workloads = await makeDeployments(bed, { namespace, ...wanted });
  await Promise.all([bed.flyball.start('decider'), bed.flyball.start('actuator')]);
  await wait(shareMs);
  await killDeciders(bed, ledger, times);
  await killActuators(bed, ledger, times);
  await bed.flyball.autoscaler.change({ 'min-scale': '0' });
  await removeDeployments(bed, namespace, workloads);
};

export const takeover = (bed: ClusterBed, { fast }: Pick<BenchContext, 'fast'>): Phase => ({
  title: 'One of two deciders, and one of two actuators, killed',
  figures: [figures.deciderTakeover, figures.movedByDeath, figures.actuatorTakeover],
  run: (ledger) => run(bed, ledger, fast ? deaths.fast : deaths.whole),
});
