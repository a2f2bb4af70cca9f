/** Runs one seed and says what came of it, as plain data that a worker can hand over. */
import { pino } from 'pino';
import { type Cut, commandOf, cutPlan } from './cut-plan.ts';
import { drawPlan } from './faults/draw-plan.ts';
import type { FaultKind, Plan } from './plan.ts';
import { shrink } from './shrink.ts';
import { judgePlan, run, type Verdict } from './simulate.ts';
import { tellFaults, tellMessages, tellWrong } from './tell.ts';
import type { Process } from './world/process.ts';

/** Of so many seeds one is run twice, and the bytes are compared. */
const repeatEvery = 10;

export interface SeedOptions {
  /** What is left out of each plan. */
  readonly cut: Cut;
  /** Tells every message, and logs on stderr what the shells log. */
  readonly log: boolean;
}

export interface SeedReport {
  readonly seed: number;
  readonly failed: boolean;
  readonly ranTwice: boolean;
  /** True unless it ran twice and left something else. */
  readonly repeatable: boolean;
  /** What is to be printed of it. */
  readonly lines: readonly string[];
  readonly faults: readonly FaultKind[];
  readonly virtualMs: number;
  readonly messages: number;
  readonly requests: number;
}

/** What the shells log, with their own time. */
const createLogger = ({ name, clock }: Process) =>
  pino(
    {
      base: { process: name },
      level: 'info',
      timestamp: () => `,"atMs":${clock.monotonicMs().toFixed(1)}`,
    },
    pino.destination({ dest: 2, sync: true }),
  );

const tellFailure = async (seed: number, verdict: Verdict, { cut }: SeedOptions) => {
  const isCut = Object.keys(cut).length > 0;
  const smallest = isCut ? cut : await shrink(drawPlan(seed), verdict.wrong);
  return [
    `seed ${seed} failed:`,
    ...tellWrong(verdict),
    ...tellFaults(cutPlan(drawPlan(seed), smallest)),
    `  again: ${commandOf(seed, smallest)}`,
  ];
};

const isSameAgain = async (plan: Plan, { ran, goal }: Verdict): Promise<boolean> =>
  (await run(plan, { goal })).digest === ran.digest;

/** Runs the seed, a tenth of them twice, and judges it; of a failure it looks for a smaller one. */
export const reportSeed = async (seed: number, options: SeedOptions): Promise<SeedReport> => {
  const plan = cutPlan(drawPlan(seed), options.cut);
  const verdict = await judgePlan(plan, options.log ? { logger: createLogger } : {});
  const ranTwice = seed % repeatEvery === 0;
  const repeatable = !ranTwice || (await isSameAgain(plan, verdict));
  const lines = options.log ? tellMessages(verdict) : [];
  if (!repeatable) lines.push(`seed ${seed} run twice did not leave the same bytes`);
  if (verdict.wrong.length > 0) lines.push(...(await tellFailure(seed, verdict, options)));
  const { world, virtualMs } = verdict.ran;
  return {
    ...{ seed, ranTwice, repeatable, lines, virtualMs },
    failed: !repeatable || verdict.wrong.length > 0,
    faults: plan.faults.map(({ kind }) => kind),
    messages: world.observer.messages.length,
    requests: [...world.clients.answers.values()].reduce((sum, count) => sum + count, 0),
  };
};
