/** Real load through the activator: a burst, and the articles' scene. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { concurrentRequests, runLoad, samplePath } from '@flyball/cli';
import type { WorkloadKey } from '@flyball/contracts';
import { hostOfWorkload } from '@flyball/domain';
import type { BenchContext } from '../bench-context.ts';
import type { LoadChanged } from '../pipeline/closed-loop.ts';
import type { Ledger, Phase } from '../pipeline/phase.ts';
import { processorLine, processorSeconds, usedBetween } from '../pipeline/processor-time.ts';
import type { ClusterBed } from './bed.ts';
import { makeDeployments, removeDeployments, untilAllHave } from './deployments.ts';
import { figures } from './figures.ts';

const few = 5;
const many = 100;
/** It needs 15 at 70 % of 10; from 13 on it counts as enough. */
const enough = 13;
const steadyMs = 8_000;
const restLimitMs = 60_000;
const scaleLimitMs = 12_000;
const sceneSeconds = 30;
const fastSceneSeconds = 10;
const closedLoop = join(import.meta.dirname, '../pipeline/closed-loop.ts');

/** Knative's own windows and percentage. */
const defaults = {
  'container-concurrency-target-percentage': '70',
  'stable-window': '60s',
  'panic-window': '6s',
  'scale-to-zero-grace-period': '30s',
  'max-scale-up-rate': '1000',
};

const setClients = async (load: ChildProcess, clients: number): Promise<number> => {
  const answered = once(load, 'message') as Promise<[LoadChanged]>;
  load.send({ clients });
  const [{ atMs }] = await answered;
  return atMs;
};

const measureBurst = async (
  bed: ClusterBed,
  ledger: Ledger,
  workload: WorkloadKey,
): Promise<void> => {
  const host = hostOfWorkload(workload, bed.domain);
  const load = fork(closedLoop, [bed.flyball.gatewayUrl, host, '/?sleep=100']);
  try {
    await setClients(load, few);
    await wait(steadyMs);
    const scaledTo = (replicas: number) =>
      bed.watch.next({
        type: 'ScaleApplied',
        workload,
        matches: ({ data }) => data.to >= replicas,
        limitMs: scaleLimitMs,
      });
    const changes = Promise.all([scaledTo(2), scaledTo(enough)]);
    const burstAtMs = await setClients(load, many);
    const [first, full] = await changes;
    ledger.add(figures.burstFirst, first.event.data.appliedAtMs - burstAtMs);
    ledger.add(figures.burstFull, full.event.data.appliedAtMs - burstAtMs);
    ledger.note(figures.burstFirst, `the first change goes from 1 to ${first.event.data.to}`);
    await setClients(load, 0);
  } finally {
    load.kill();
  }
};

export const burst = (bed: ClusterBed): Phase => ({
  title: 'One pod, from 5 to 100 concurrent requests',
  figures: [figures.burstFirst, figures.burstFull],
  run: async (ledger) => {
    const namespace = 'bench-burst';
    await bed.flyball.autoscaler.change(defaults);
    const annotations = { 'min-scale': '1', 'initial-scale': '1', target: '10' };
    const wanted = { count: 1, pods: 'sample' as const, replicas: 1, annotations };
    const workloads = await makeDeployments(bed, { namespace, ...wanted });
    await untilAllHave(bed, namespace, 1, restLimitMs);
    for (const workload of workloads) await measureBurst(bed, ledger, workload);
    await removeDeployments(bed, namespace, workloads);
  },
});

export const scene = (bed: ClusterBed, { fast, signal }: BenchContext): Phase => ({
  title: 'The scene',
  figures: [
    ...[figures.sceneRate, figures.sceneSlowest, figures.sceneRefused],
    figures.sceneActivator,
  ],
  run: async (ledger) => {
    const namespace = 'bench-scene';
    // The articles' settings: a percentage of 1.0, so that 50 are 5 pods.
    await bed.flyball.autoscaler.change({
      ...defaults,
      'container-concurrency-target-percentage': '100',
    });
    const annotations = { 'initial-scale': '0', target: '10' };
    const wanted = { count: 1, pods: 'sample' as const, replicas: 0, annotations };
    const workloads = await makeDeployments(bed, { namespace, ...wanted });
    const [workload = 'bench-scene/web-0' as const] = workloads;
    const parts = [...bed.flyballParts(), ...bed.clusterParts()];
    const before = await processorSeconds(parts);
    const seconds = fast ? fastSceneSeconds : sceneSeconds;
    const { latencyMs, responses, statuses, failures, requestsPerSecond } = await runLoad({
      url: `${bed.flyball.gatewayUrl}${samplePath}`,
      host: hostOfWorkload(workload, bed.domain),
      ...{ connections: concurrentRequests, seconds, signal },
    });
    if (responses === 0) throw new Error(`nobody was answered in ${seconds} s`);
    const used = usedBetween(before, await processorSeconds(parts));
    ledger.add(figures.sceneRate, requestsPerSecond);
    ledger.add(figures.sceneSlowest, latencyMs.slowest);
    ledger.add(figures.sceneRefused, responses - (statuses['200'] ?? 0) + failures);
    ledger.note(figures.sceneRate, `${seconds} s; CPU s: ${processorLine(used)}`);
    if (used.activator !== undefined) {
      ledger.add(figures.sceneActivator, (used.activator / responses) * 1_000);
    }
    await removeDeployments(bed, namespace, workloads);
  },
});
