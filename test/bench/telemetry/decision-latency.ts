/** From the first request at zero to its scale: nobody listens, and every span is told. */
import { setTimeout as wait } from 'node:timers/promises';
import type { WorkloadKey } from '@flyball/contracts';
import type { BenchContext } from '../bench-context.ts';
import { type Bed, withBed } from '../pipeline/bed.ts';
import type { Ledger, Phase } from '../pipeline/phase.ts';
import { makeWorkloads } from '../pipeline/workloads.ts';
import type { Figure } from '../report/figure.ts';
import { figures } from './figures.ts';
import { type SinkProcess, startSinkProcess } from './start-sink.ts';

/** Each workload is asked once: its pod never starts. */
const workloadsCount = { fast: 10, usual: 60 } as const;
const pauseMs = 150;
const settleMs = 2_500;
const scaleLimitMs = 10_000;
const neverMs = 600_000;
const tellers = ['windower', 'decider', 'actuator', 'activator'] as const;

type Settings = Parameters<typeof withBed>[1];

const heldBack = { 'local-node': { FLYBALL_POD_DELAY_MS: String(neverMs) } };

const telling = (sink: SinkProcess): Settings => ({
  ...heldBack,
  ...Object.fromEntries(tellers.map((name) => [name, { FLYBALL_TRACES_URL: sink.url }])),
});

const askAtZero = async ({ watch, client }: Bed, workload: WorkloadKey): Promise<number> => {
  const scaled = watch.next({
    type: 'ScaleApplied',
    workload,
    matches: ({ data }) => data.to > 0,
    limitMs: scaleLimitMs,
  });
  const sentAtMs = Date.now();
  // No pod ever comes: it is given up when the bed is left.
  client.get(workload).catch(() => undefined);
  return (await scaled).event.data.appliedAtMs - sentAtMs;
};

interface Contestant {
  readonly figure: Figure;
  readonly bed: Bed;
  readonly workloads: readonly WorkloadKey[];
  readonly values: number[];
}

const openContestant = async (figure: Figure, bed: Bed, count: number): Promise<Contestant> => {
  await bed.platform.configure({ 'allow-zero-initial-scale': 'true' });
  const annotations = { 'initial-scale': '0', target: '10' };
  const workloads = await makeWorkloads(bed, { name: 'told', count, annotations });
  return { figure, bed, workloads, values: [] };
};

/** One request of each in turn, so that what disturbs one disturbs all. */
const askInTurns = async (
  contestants: readonly Contestant[],
  { signal }: BenchContext,
): Promise<void> => {
  const count = contestants[0]?.workloads.length ?? 0;
  for (let at = 0; at < count && !signal.aborted; at += 1) {
    const order = at % 2 === 0 ? contestants : contestants.toReversed();
    for (const { bed, workloads, values } of order) {
      const workload = workloads[at];
      if (workload !== undefined) values.push(await askAtZero(bed, workload));
      await wait(pauseMs);
    }
  }
};

const measure = async (ledger: Ledger, context: BenchContext): Promise<void> => {
  const count = context.fast ? workloadsCount.fast : workloadsCount.usual;
  await using stack = new AsyncDisposableStack();
  const sink = await startSinkProcess(stack);
  const inBed = (settings: Settings, use: (bed: Bed) => Promise<void>): Promise<void> =>
    withBed({ ...context, profileFolder: undefined, logsFolder: undefined }, settings, use);
  await inBed(heldBack, (off) =>
    inBed(heldBack, (offAgain) =>
      inBed(telling(sink), async (on) => {
        const contestants = [
          await openContestant(figures.scaleOff, off, count),
          await openContestant(figures.scaleOffAgain, offAgain, count),
          await openContestant(figures.scaleOn, on, count),
        ];
        await wait(settleMs);
        await askInTurns(contestants, context);
        await wait(settleMs);
        const told = await sink.received();
        if (told === 0) throw new Error('no span came although every one was to be told');
        for (const { figure, values } of contestants) ledger.add(figure, ...values);
        ledger.note(figures.scaleOn, `${told} spans came of ${count} first requests`);
      }),
    ),
  );
};

/** Three Flyballs live at once; two of them tell nobody, which is the noise of the third. */
export const decisionLatency = (context: BenchContext): Phase => ({
  title: 'First requests at zero: off, off again, and every span told',
  figures: [figures.scaleOff, figures.scaleOffAgain, figures.scaleOn],
  run: (ledger) => measure(ledger, context),
});
