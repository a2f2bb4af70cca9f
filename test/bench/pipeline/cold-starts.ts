/** First requests at zero: never seen, at zero again, and around the death of the decider. */
import { setTimeout as wait } from 'node:timers/promises';
import type { WorkloadKey } from '@flyball/contracts';
import type { BenchContext } from '../bench-context.ts';
import type { Figure } from '../report/figure.ts';
import type { Bed } from './bed.ts';
import { figures } from './figures.ts';
import { listeningMsOf } from './gateway-client.ts';
import type { Ledger, Phase } from './phase.ts';
import { deleteWorkloads, makeWorkloads, untilAtRest } from './workloads.ts';

const workloadsCount = 24;
/** Between two requests, so that one pod's start does not take the processor from the next. */
const pauseMs = 250;
const scaleLimitMs = 10_000;
const restLimitMs = 40_000;
const kills = 3;
/** Since the kill: the next decider has taken all partitions over then. */
const takenOverMs = 4_000;

const settings = {
  'allow-zero-initial-scale': 'true',
  'scale-to-zero-grace-period': '1s',
  'stable-window': '6s',
};

/** Asks one workload at zero; adds when its scale was accepted, and when its answer began. */
const askAtZero = async (
  { watch, client }: Bed,
  ledger: Ledger,
  workload: WorkloadKey,
  figure: Figure,
): Promise<void> => {
  const scaled = watch.next({
    type: 'ScaleApplied',
    workload,
    matches: ({ data }) => data.to > 0,
    limitMs: scaleLimitMs,
  });
  const [{ event }, answer] = await Promise.all([scaled, client.get(workload)]);
  if (answer.status !== 200) throw new Error(`${workload} answered ${answer.status}`);
  ledger.add(figure, event.data.appliedAtMs - answer.sentAtMs);
  ledger.add(figures.acceptToByte, answer.firstByteMs - listeningMsOf(answer));
};

const askEach = async (
  bed: Bed,
  ledger: Ledger,
  workloads: readonly WorkloadKey[],
  figure: Figure,
): Promise<void> => {
  for (const workload of workloads) {
    await askAtZero(bed, ledger, workload, figure);
    await wait(pauseMs);
  }
};

/** The first of them is asked at the moment of the kill, the others by the next decider. */
const askAroundKill = async (
  bed: Bed,
  ledger: Ledger,
  [first, ...others]: readonly WorkloadKey[],
): Promise<void> => {
  const pid = bed.machine.pidOf('decider');
  if (pid === undefined || first === undefined) throw new Error('there is no decider to kill');
  process.kill(pid, 'SIGKILL');
  const killedMs = performance.now();
  await askAtZero(bed, ledger, first, figures.takeover);
  await wait(killedMs + takenOverMs - performance.now());
  await askEach(bed, ledger, others, figures.afterRestart);
};

const run = async (bed: Bed, ledger: Ledger, { tell }: BenchContext): Promise<void> => {
  await bed.platform.configure(settings);
  const annotations = { 'initial-scale': '0', target: '10' };
  const workloads = await makeWorkloads(bed, { name: 'cold', count: workloadsCount, annotations });
  tell(`  ${workloads.length} workloads, each asked for the first time`);
  await askEach(bed, ledger, workloads, figures.neverSeen);
  await untilAtRest(bed, workloads, 0, restLimitMs);
  tell('  each asked again, from zero');
  await askEach(bed, ledger, workloads, figures.zeroToScale);
  await untilAtRest(bed, workloads, 0, restLimitMs);
  tell(`  the decider is killed ${kills} times`);
  const share = workloads.length / kills;
  for (let kill = 0; kill < kills; kill += 1) {
    await askAroundKill(bed, ledger, workloads.slice(kill * share, (kill + 1) * share));
  }
  await deleteWorkloads(bed, workloads);
};

export const coldStarts = (bed: Bed, context: BenchContext): Phase => ({
  title: 'First requests at zero',
  figures: [
    figures.zeroToScale,
    figures.takeover,
    figures.afterRestart,
    figures.neverSeen,
    figures.acceptToByte,
  ],
  run: (ledger) => run(bed, ledger, context),
});
