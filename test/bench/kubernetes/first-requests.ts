/** First requests at zero, one after the other; and a hundred at once. */
import { setTimeout as wait } from 'node:timers/promises';
import type { WorkloadKey } from '@flyball/contracts';
import type { BenchContext } from '../bench-context.ts';
import type { GatewayClient } from '../pipeline/gateway-client.ts';
import type { Ledger, Phase } from '../pipeline/phase.ts';
import type { Figure } from '../report/figure.ts';
import type { ClusterBed } from './bed.ts';
import { callsSoFar } from './cluster-calls.ts';
import { makeDeployments, removeDeployments, untilAllHave } from './deployments.ts';
import { figures } from './figures.ts';

const annotations = { 'initial-scale': '0', target: '10' };
const oneByOne = { count: 12, fast: 6 };
const herdSize = 100;
/** Between two requests, so that one pod's start does not take the processor from the next. */
const pauseMs = 1_000;
const settleMs = 3_000;
const scaleLimitMs = 30_000;
const restLimitMs = 90_000;

const scaledUp = ({ watch }: ClusterBed, workload: WorkloadKey) =>
  watch.next({
    type: 'ScaleApplied',
    workload,
    matches: ({ data }) => data.to > 0,
    limitMs: scaleLimitMs,
  });

const askOne = async (
  bed: ClusterBed,
  client: GatewayClient,
  workload: WorkloadKey,
): Promise<{ readonly scaledMs: number; readonly firstByteMs: number }> => {
  const startedMs = Number(process.hrtime.bigint()) / 1e6;
  const [{ event }, answer] = await Promise.all([scaledUp(bed, workload), client.get(workload)]);
  if (answer.status !== 200) throw new Error(`${workload} answered ${answer.status}`);
  return {
    scaledMs: event.data.appliedAtMs - answer.sentAtMs,
    firstByteMs: answer.firstByteMs - startedMs,
  };
};

const askEach = async (
  bed: ClusterBed,
  ledger: Ledger,
  workloads: readonly WorkloadKey[],
  figure: Figure,
): Promise<void> => {
  const client = bed.openClient();
  try {
    for (const workload of workloads) {
      const { scaledMs, firstByteMs } = await askOne(bed, client, workload);
      ledger.add(figure, scaledMs);
      ledger.add(figures.zeroToByte, firstByteMs);
      await wait(pauseMs);
    }
  } finally {
    await client.close();
  }
};

const countChanges = ({ watch }: ClusterBed) => {
  let changes = 0;
  const stop = watch.follow(({ event }) => {
    if (event.type === 'ScaleApplied') changes += 1;
  });
  return { stop, count: () => changes };
};

/** To the API server, by who writes. */
const writesSoFar = async (bed: ClusterBed) => ({
  actuator: (await callsSoFar(bed, 'actuator')).writes,
  controller: (await callsSoFar(bed, 'controller')).writes,
});

const runOneByOne = async (bed: ClusterBed, ledger: Ledger, fast: boolean): Promise<void> => {
  const namespace = 'bench-cold';
  const count = fast ? oneByOne.fast : oneByOne.count;
  const wanted = { namespace, count, pods: 'sample' as const, replicas: 0, annotations };
  const workloads = await makeDeployments(bed, wanted);
  await wait(settleMs);
  const before = await writesSoFar(bed);
  const changes = countChanges(bed);
  await askEach(bed, ledger, workloads, figures.neverSeen);
  await untilAllHave(bed, namespace, 0, restLimitMs);
  await askEach(bed, ledger, workloads, figures.zeroToScale);
  await untilAllHave(bed, namespace, 0, restLimitMs);
  changes.stop();
  const after = await writesSoFar(bed);
  const scaling = after.actuator - before.actuator;
  const telling = after.controller - before.controller;
  ledger.add(figures.callsPerChange, scaling / changes.count());
  ledger.note(figures.callsPerChange, `${scaling} writes for ${changes.count()} changes`);
  ledger.add(figures.tellingPerChange, telling / changes.count());
  ledger.note(figures.tellingPerChange, `${telling} writes`);
  await removeDeployments(bed, namespace, workloads);
};

export const firstRequests = (bed: ClusterBed, { fast }: Pick<BenchContext, 'fast'>): Phase => ({
  title: 'First requests at zero',
  figures: [
    ...[figures.zeroToScale, figures.zeroToByte, figures.neverSeen],
    ...[figures.callsPerChange, figures.tellingPerChange],
  ],
  run: (ledger) => runOneByOne(bed, ledger, fast),
});

export const herd = (bed: ClusterBed): Phase => ({
  title: `${herdSize} Deployments asked at once`,
  figures: [figures.herd],
  run: async (ledger) => {
    const namespace = 'bench-herd';
    const wanted = { count: herdSize, pods: 'nowhere' as const, replicas: 0, annotations };
    const workloads = await makeDeployments(bed, { namespace, ...wanted });
    await wait(settleMs);
    const client = bed.openClient();
    try {
      const scales = workloads.map((workload) => scaledUp(bed, workload));
      const sentAtMs = Date.now();
      // No node takes their pods, so nobody answers.
      for (const workload of workloads) client.get(workload).catch(() => undefined);
      const applied = await Promise.all(scales);
      ledger.add(figures.herd, ...applied.map(({ event }) => event.data.appliedAtMs - sentAtMs));
    } finally {
      await client.close();
    }
    await removeDeployments(bed, namespace, workloads);
  },
});
