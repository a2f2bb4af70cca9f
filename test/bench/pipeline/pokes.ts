/** From a published sample to the recorded decision, alone and beside a thousand workloads. */
import { setTimeout as wait } from 'node:timers/promises';
import type { WorkloadKey } from '@flyball/contracts';
import type { BenchContext } from '../bench-context.ts';
import type { Figure } from '../report/figure.ts';
import type { Bed } from './bed.ts';
import { figures } from './figures.ts';
import type { Ledger, Phase } from './phase.ts';
import { openSampleSource, type SampleSource } from './sample-source.ts';
import { makeWorkloads } from './workloads.ts';

const quietPokes = 40;
const busyPokes = 100;
const backgroundCount = 1_000;
const pauseMs = 100;
const settleMs = 2_500;
/** The thousand have been decided for the first time. */
const backgroundSettleMs = 5_000;
const decisionLimitMs = 10_000;
const secondMs = 1_000;
/** Between one tenth and six tenths of a request: the averages of each change at each tick. */
const concurrencyMilli = (): number => 100 + Math.floor(Math.random() * 500);
const settings = { 'allow-zero-initial-scale': 'true' };

const pokeEach = async (
  { watch }: Bed,
  source: SampleSource,
  workloads: readonly WorkloadKey[],
  add: (values: number) => void,
): Promise<void> => {
  for (const workload of workloads) {
    const decided = watch.next({
      type: 'Decided',
      workload,
      matches: ({ data }) => data.to > 0,
      limitMs: decisionLimitMs,
    });
    const [{ storedAtMs }, publishedAtMs] = await Promise.all([decided, source.poke(workload)]);
    add(storedAtMs - publishedAtMs);
    await wait(pauseMs + Math.random() * pauseMs);
  }
};

/** Tells a second of all of them each second, until the signal aborts. */
const tellSeconds = async (
  source: SampleSource,
  workloads: readonly WorkloadKey[],
  signal: AbortSignal,
): Promise<void> => {
  let dueMs = performance.now();
  while (!signal.aborted) {
    await source.tellSecond(workloads, concurrencyMilli);
    dueMs += secondMs;
    await wait(Math.max(0, dueMs - performance.now()));
  }
};

const measure = async (
  bed: Bed,
  source: SampleSource,
  ledger: Ledger,
  { tell }: BenchContext,
): Promise<void> => {
  await bed.platform.configure(settings);
  const annotations = { 'initial-scale': '0', target: '10' };
  const poked = { name: 'poke', count: quietPokes + busyPokes, annotations };
  const workloads = await makeWorkloads(bed, poked);
  await wait(settleMs);
  const add = (figure: Figure) => (value: number) => ledger.add(figure, value);
  await pokeEach(bed, source, workloads.slice(0, quietPokes), add(figures.pokeQuiet));
  tell(`  making ${backgroundCount} workloads`);
  const always = { 'min-scale': '1', 'max-scale': '1', target: '10' };
  const many = { name: 'many', count: backgroundCount, annotations: always };
  const background = await makeWorkloads(bed, many);
  const ending = new AbortController();
  const telling = tellSeconds(source, background, ending.signal);
  try {
    await wait(backgroundSettleMs);
    tell('  poking beside them');
    await pokeEach(bed, source, workloads.slice(quietPokes), add(figures.pokeBusy));
  } finally {
    ending.abort();
    await telling;
  }
};

/** On a bed whose pods are never started: a thousand processes would measure the machine. */
export const pokes = (bed: Bed, context: BenchContext): Phase => ({
  title: 'Samples that poke',
  figures: [figures.pokeQuiet, figures.pokeBusy],
  run: async (ledger) => {
    const source = await openSampleSource(bed);
    try {
      await measure(bed, source, ledger, context);
    } finally {
      await source.close();
    }
  },
});
