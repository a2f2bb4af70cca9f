/** What a death costs: until the next tick and decision, with a snapshot and without one. */
import { setTimeout as wait } from 'node:timers/promises';
import { readPartitionCount } from '@flyball/event-log';
import type { BenchContext } from '../bench-context.ts';
import { type Bed, withBed } from '../pipeline/bed.ts';
import { type Ledger, openLedger, type Phase, runPhase } from '../pipeline/phase.ts';
import { openSampleSource } from '../pipeline/sample-source.ts';
import { makeWorkloads } from '../pipeline/workloads.ts';
import type { Figure, Measured } from '../report/figure.ts';
import { beginSamples } from '../scale/steady-samples.ts';
import { type TickTimes, type TickWatch, watchTicks } from '../scale/tick-watch.ts';
import { recoveryFigures as figures, type RecoveredStage } from './figures.ts';
import { openShortcuts, type Shortcuts } from './shortcuts.ts';
import { verifyAll } from './verify-all.ts';

const workloadCount = 200;
const neverMs = 600_000;
const makeLimitMs = 60_000;
/** The history that is there before the first death. */
const historyMs = 240_000;
const fastHistoryMs = 90_000;
const deaths = 3;
const recoveryLimitMs = 60_000;
const pollMs = 100;
/** A supervisor waits longer for what dies twice within ten seconds. */
const betweenMs = 11_000;
const limitMs = 900_000;

const settings = { 'local-node': { FLYBALL_POD_DELAY_MS: String(neverMs) } };
const always = { 'min-scale': '1', 'max-scale': '1', target: '10' };

interface Scene {
  readonly bed: Bed;
  readonly ledger: Ledger;
  readonly watch: TickWatch;
  readonly shortcuts: Shortcuts;
  readonly partitions: number;
}

const saidAtMs = (stage: RecoveredStage, tick: TickTimes): number | undefined =>
  stage === 'windower' ? tick.observedAtMs : tick.decidedAtMs;

/** For each partition, when the stage first spoke after that moment; undefined: not yet. */
const firstAfter = (
  { watch, partitions }: Scene,
  stage: RecoveredStage,
  atMs: number,
): readonly (number | undefined)[] => {
  const first = new Map<number, number>();
  for (const tick of watch.ticks()) {
    const saidMs = saidAtMs(stage, tick);
    if (saidMs === undefined || saidMs <= atMs) continue;
    first.set(tick.partition, Math.min(saidMs, first.get(tick.partition) ?? saidMs));
  }
  return Array.from({ length: partitions }, (_, partition) => first.get(partition));
};

const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
  const untilMs = performance.now() + recoveryLimitMs;
  while (!(await holds())) {
    if (performance.now() > untilMs) throw new Error(`${what}: not within ${recoveryLimitMs} ms`);
    await wait(pollMs);
  }
};

interface Recoveries {
  readonly count: number;
  readonly seconds: number;
}

/** What the process that runs now says of its recoveries. */
const recoveriesOf = async ({ machine }: Bed, stage: RecoveredStage): Promise<Recoveries> => {
  const url = machine.run.healthUrls[stage];
  const page = await fetch(`${url}/metrics`).then(
    (answer) => answer.text(),
    () => '',
  );
  const read = (tail: string): number =>
    Number(
      new RegExp(`^flyball_${stage}_recovery_seconds_${tail}(?:\\{.*\\})? (\\S+)$`, 'm').exec(
        page,
      )?.[1] ?? 0,
    );
  return { count: read('count'), seconds: read('sum') };
};

interface Death {
  readonly stage: RecoveredStage;
  readonly takeover: Figure | undefined;
  readonly refold: Figure;
  /** What would shorten the way back is taken away. */
  readonly isBare: boolean;
}

const die = async (scene: Scene, { stage, takeover, refold, isBare }: Death): Promise<void> => {
  const { bed, ledger, shortcuts, partitions } = scene;
  const pid = bed.machine.pidOf(stage);
  if (pid === undefined) throw new Error(`there is no ${stage} to kill`);
  process.kill(pid, 'SIGKILL');
  const killedAtMs = Date.now();
  if (isBare) await shortcuts.drop(stage);
  await until(
    `the next word of the ${stage}`,
    () => !firstAfter(scene, stage, killedAtMs).includes(undefined),
  );
  if (takeover !== undefined) {
    const lags = firstAfter(scene, stage, killedAtMs).map((atMs) => (atMs ?? 0) - killedAtMs);
    ledger.add(takeover, ...lags);
  }
  let told: Recoveries = { count: 0, seconds: 0 };
  await until(`the recoveries of the ${stage}`, async () => {
    told = await recoveriesOf(bed, stage);
    return told.count >= partitions;
  });
  ledger.add(refold, (told.seconds / told.count) * 1_000);
  await wait(Math.max(0, killedAtMs + betweenMs - Date.now()));
};

const deathsInOrder: readonly Death[] = [
  ...(['windower', 'decider'] as const).flatMap((stage): Death[] => {
    const isWindower = stage === 'windower';
    const takeover = isWindower ? figures.windowerTakeover : figures.deciderTakeover;
    const kept = isWindower ? figures.windowerKept : figures.deciderKept;
    const bare = isWindower ? figures.windowerBare : figures.deciderBare;
    return [
      { stage, takeover, refold: kept, isBare: false },
      { stage, takeover: undefined, refold: bare, isBare: true },
    ];
  }),
];

const run = async (bed: Bed, ledger: Ledger, context: BenchContext): Promise<void> => {
  const { tell, fast, signal } = context;
  await bed.platform.configure(undefined);
  const wanted = { name: 'many', count: workloadCount, annotations: always, limitMs: makeLimitMs };
  const workloads = await makeWorkloads(bed, wanted);
  bed.watch.stop();
  const partitions = await readPartitionCount(bed.log);
  await using stack = new AsyncDisposableStack();
  const source = stack.adopt(await openSampleSource(bed), (one) => one.close());
  const shortcuts = stack.use(await openShortcuts(bed));
  const watch = stack.adopt(await watchTicks(bed), (one) => one.stop());
  const begunMs = performance.now();
  stack.adopt(beginSamples(source, workloads), (one) => one.stop());
  const pastMs = fast ? fastHistoryMs : historyMs;
  tell(`  ${workloadCount} workloads live for ${pastMs / 1_000} s`);
  await wait(pastMs, undefined, { signal });
  const scene: Scene = { bed, ledger, watch, shortcuts, partitions };
  for (const death of deathsInOrder) {
    tell(
      `  ${death.stage} is killed ${deaths} times${death.isBare ? ', its short cuts gone' : ''}`,
    );
    for (let time = 0; time < deaths; time += 1) await die(scene, death);
  }
  const { tookMs, note } = await verifyAll(bed.machine.data.path);
  ledger.add(figures.replay, tookMs);
  const minutes = Math.round((performance.now() - begunMs) / 60_000);
  ledger.note(figures.replay, `${workloadCount} workloads, ${minutes} minutes: ${note}`);
  const { messages } = await bed.log.events.state();
  const past = `${messages} events in the log; one value a death, mean of ${partitions} partitions`;
  for (const figure of [figures.windowerBare, figures.deciderBare]) ledger.note(figure, past);
};

/** Measures on a Flyball of its own; what fails is told as not measured. */
export const runRecoveryBench = async (context: BenchContext): Promise<readonly Measured[]> => {
  const all = Object.values(figures);
  const ledger = openLedger(all);
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(limitMs)]);
  const limited = { ...context, signal };
  await withBed(context, settings, (bed) => {
    const title = 'Deaths, and what follows';
    const phase: Phase = { title, figures: all, run: (into) => run(bed, into, limited) };
    return runPhase(phase, ledger, limited);
  });
  return ledger.measured();
};
