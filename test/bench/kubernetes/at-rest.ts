/** What it costs when nothing happens, with a hundred Deployments and with thousands. */
import { setTimeout as wait } from 'node:timers/promises';
import type { BenchContext } from '../bench-context.ts';
import type { Ledger, Phase } from '../pipeline/phase.ts';
import {
  processorLine,
  processorSeconds,
  totalSeconds,
  usedBetween,
} from '../pipeline/processor-time.ts';
import { processUse } from '../report/process-memory.ts';
import type { ClusterBed } from './bed.ts';
import { callsBetween, callsSoFar } from './cluster-calls.ts';
import { makeDeployments, removeDeployments, untilAllHave } from './deployments.ts';
import { figures } from './figures.ts';

const idleCount = 100;
const measuredMs = 60_000;
const settleMs = 30_000;
const restLimitMs = 240_000;
/** Services that keep what the cluster shows. */
const seeing = ['watcher', 'actuator', 'controller'] as const;

export const idle = (bed: ClusterBed, { tell }: BenchContext): Phase => ({
  title: `${idleCount} Deployments with one pod and no requests`,
  figures: [figures.idle, figures.idleCalls],
  run: async (ledger) => {
    const namespace = 'bench-idle';
    const annotations = { 'min-scale': '1', 'initial-scale': '1', target: '10' };
    const wanted = { count: idleCount, pods: 'listening' as const, replicas: 1, annotations };
    const workloads = await makeDeployments(bed, { namespace, ...wanted });
    await untilAllHave(bed, namespace, 1, restLimitMs);
    tell(`  ${settleMs / 1_000} s at rest before it is measured`);
    await wait(settleMs);
    const calls = await callsSoFar(bed);
    const [ours, theirs] = [bed.flyballParts(), bed.clusterParts()];
    const before = [await processorSeconds(ours), await processorSeconds(theirs)] as const;
    await wait(measuredMs);
    const used = usedBetween(before[0], await processorSeconds(ours));
    const cluster = usedBetween(before[1], await processorSeconds(theirs));
    ledger.add(figures.idle, totalSeconds(used));
    ledger.note(
      figures.idle,
      `CPU s: ${processorLine(used)}; of the cluster: ${processorLine(cluster)}`,
    );
    const { all } = callsBetween(calls, await callsSoFar(bed));
    ledger.add(figures.idleCalls, all / idleCount);
    ledger.note(figures.idleCalls, `${all} calls in a minute, watches opened anew among them`);
    await removeDeployments(bed, namespace, workloads);
  },
});

/** Kills the watcher and starts another; resolves when that one has seen everything. */
const restartWatcher = async (bed: ClusterBed): Promise<number> => {
  const [watcher] = bed.flyball.replicas('watcher');
  if (watcher === undefined) throw new Error('there is no watcher to restart');
  await bed.flyball.kill('watcher', watcher.instance);
  const startedMs = performance.now();
  await bed.flyball.start('watcher');
  await bed.flyball.untilReady();
  return performance.now() - startedMs;
};

const memoryOf = async (bed: ClusterBed): Promise<ReadonlyMap<string, number>> => {
  const wanted = bed.flyballParts().filter(({ name }) => seeing.some((one) => one === name));
  const sizes = await Promise.all(
    wanted.map(async ({ name, pid }) => [name, (await processUse(pid))?.residentMib ?? 0] as const),
  );
  return new Map(sizes);
};

const measureMany = async (bed: ClusterBed, ledger: Ledger, count: number): Promise<string> => {
  const namespace = `bench-many-${count}`;
  const annotations = { 'initial-scale': '0', target: '10' };
  const wanted = { count, pods: 'nowhere' as const, replicas: 0, annotations };
  const workloads = await makeDeployments(bed, { namespace, ...wanted });
  await wait(settleMs);
  const before = await processorSeconds(bed.flyballParts());
  await wait(measuredMs);
  const used = usedBetween(before, await processorSeconds(bed.flyballParts()));
  const memory = await memoryOf(bed);
  const apiServer = bed.clusterParts().filter(({ name }) => name === 'kube-apiserver');
  const asked = await processorSeconds(apiServer);
  const restartMs = await restartWatcher(bed);
  const answered = usedBetween(asked, await processorSeconds(apiServer));
  const watcher = bed.flyballParts().filter(({ name }) => name === 'watcher');
  const started = await processorSeconds(watcher);
  ledger.add(
    figures.manyMemory,
    [...memory.values()].reduce((sum, one) => sum + one, 0),
  );
  ledger.add(figures.manyProcessor, totalSeconds(used));
  ledger.add(figures.watchRestart, restartMs);
  ledger.add(figures.watchRestartProcessor, totalSeconds(started) + totalSeconds(answered));
  await removeDeployments(bed, namespace, workloads);
  const sizes = [...memory].map(([name, mib]) => `${name} ${mib.toFixed(0)}`).join(', ');
  return `${count}: ${sizes} MiB; CPU s in 60 s: ${processorLine(used)}`;
};

/** One value for each size, in this order. */
export const manyDeployments = (bed: ClusterBed, { fast }: BenchContext): Phase => {
  const sizes = fast ? [1_000] : [1_000, 5_000];
  return {
    title: `${sizes.join(' and ')} Deployments at zero`,
    figures: [
      ...[figures.manyMemory, figures.manyProcessor, figures.watchRestart],
      figures.watchRestartProcessor,
    ],
    run: async (ledger) => {
      const notes: string[] = [];
      for (const count of sizes) notes.push(await measureMany(bed, ledger, count));
      ledger.note(figures.manyMemory, notes.join('; '));
    },
  };
};
