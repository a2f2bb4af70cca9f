/** Many workloads with a sample a second each: how late ticks are, what they cost and take. */
import { setTimeout as wait } from 'node:timers/promises';
import type { WorkloadKey } from '@flyball/contracts';
import type { BenchContext } from '../bench-context.ts';
import { type Bed, withBed } from '../pipeline/bed.ts';
import { type Ledger, openLedger, type Phase, runPhase } from '../pipeline/phase.ts';
import { openSampleSource } from '../pipeline/sample-source.ts';
import { makeWorkloads } from '../pipeline/workloads.ts';
import type { Measured } from '../report/figure.ts';
import { type ScaleFigures, scaleFigures } from './figures.ts';
import { measureLoad } from './measure-load.ts';
import { createMinuteFinder, type SteadySamples } from './steady-samples.ts';

export const scaleSizes: readonly number[] = [100, 1_000, 10_000];
export const scaleWorkloadsMax = 10_000;

const measuredMs = 120_000;
/** With the settling still long enough for one whole minute. */
const fastMeasuredMs = 60_000;
/** Longer than the bench: thousands of processes would measure the machine. */
const neverMs = 600_000;
const makeLimitMs = 240_000;
/** A stable window is covered, and every workload has been decided for the first time. */
const settleMs = 75_000;
/** A minute is settled after 5 s and recorded within 40 s more. */
const minutesLimitMs = 120_000;
const pollMs = 2_000;
const sizeLimitMs = 900_000;
const minutesPerDay = 1_440;
const bytesPerKb = 1_000;

const settings = {
  'local-node': { FLYBALL_POD_DELAY_MS: String(neverMs), FLYBALL_PODS_MAX: '10000' },
};

/** Never another number: what is measured is watching, not scaling. */
const always = { 'min-scale': '1', 'max-scale': '1', target: '10' };

/** Waits for the minutes of everything that was told; those that never come are counted. */
const judgeMinutes = async (
  bed: Bed,
  ledger: Ledger,
  figures: ScaleFigures,
  told: { readonly workloads: readonly WorkloadKey[]; readonly samples: SteadySamples },
): Promise<void> => {
  const { workloads, samples } = told;
  const range = { firstAtMs: samples.firstAtMs, lastAtMs: samples.lastAtMs() };
  const untilMs = performance.now() + minutesLimitMs;
  const finder = createMinuteFinder(bed.log, workloads, range);
  let found = await finder.look();
  while (found.whole + found.other < found.expected && performance.now() < untilMs) {
    await wait(pollMs);
    found = await finder.look();
  }
  if (found.expected === 0) throw new Error('no whole minute was published');
  ledger.add(figures.minutesMissing, found.expected - found.whole);
  ledger.note(
    figures.minutesMissing,
    `${found.whole} of ${found.expected} are recorded with the sum of all their seconds, ` +
      `${found.other} with another`,
  );
};

const noteMinutes = async (bed: Bed, ledger: Ledger, figures: ScaleFigures): Promise<void> => {
  const { bytes, messages } = await bed.log.minutes.state();
  if (messages === 0) return;
  ledger.add(figures.minutesBytes, ((bytes / messages) * minutesPerDay) / bytesPerKb);
  ledger.note(figures.minutesBytes, `${Math.round(bytes / messages)} bytes a minute recorded`);
};

const run = async (
  bed: Bed,
  ledger: Ledger,
  context: BenchContext,
  { count, figures }: { readonly count: number; readonly figures: ScaleFigures },
): Promise<void> => {
  const { tell } = context;
  await bed.platform.configure(undefined);
  const wanted = { name: 'many', count, annotations: always, limitMs: makeLimitMs };
  const begunMs = performance.now();
  const workloads = await makeWorkloads(bed, wanted);
  tell(`  made within ${((performance.now() - begunMs) / 1_000).toFixed(1)} s`);
  // From here on nobody reads whole events but the services.
  bed.watch.stop();
  const source = await openSampleSource(bed);
  try {
    const forMs = context.fast ? fastMeasuredMs : measuredMs;
    const options = { workloads, source, figures, settleMs, forMs, signal: context.signal };
    const samples = await measureLoad(bed, ledger, options);
    tell('  waiting for the minutes');
    await judgeMinutes(bed, ledger, figures, { workloads, samples });
    await noteMinutes(bed, ledger, figures);
  } finally {
    await source.close();
  }
};

/** Measures each size on a Flyball of its own; what fails is told as not measured. */
export const runScaleBench = async (
  context: BenchContext,
  { sizes }: { readonly sizes: readonly number[] },
): Promise<readonly Measured[]> => {
  const measured: Measured[] = [];
  for (const count of sizes) {
    const figures = scaleFigures(count);
    const ledger = openLedger(Object.values(figures));
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(sizeLimitMs)]);
    context.tell(`Starting everything for ${count} workloads`);
    await withBed(context, settings, (bed) => {
      const phase: Phase = {
        title: `${count} workloads, a sample a second each`,
        figures: Object.values(figures),
        run: (into) => run(bed, into, { ...context, signal }, { count, figures }),
      };
      return runPhase(phase, ledger, { ...context, signal });
    });
    measured.push(...ledger.measured());
  }
  return measured;
};
