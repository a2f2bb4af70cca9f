/** `npm run sim`: runs seeds, and prints how to repeat the ones that fail. */
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { type Cut, commandOf, cutPlan } from './cut-plan.ts';
import { drawPlan } from './faults/draw-plan.ts';
import { shrink } from './shrink.ts';
import { judgePlan, run, type Verdict } from './simulate.ts';
import { createSummary, type Summary } from './summary.ts';
import { tellFaults, tellMessages, tellWrong } from './tell.ts';
import type { Process } from './world/process.ts';

/** A failing run more than these is not worth the time: something is broken. */
const failuresMax = 20;
const progressEvery = 1_000;
/** Of so many seeds one is run twice, and the bytes are compared. */
const repeatEvery = 10;

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

const usage = `npm run sim -- [--seeds N] [--from S] [--log]
  --seeds N        how many seeds, 1,000 by default
  --from S         the first seed, 1 by default
  --log            prints every message that was stored, and on stderr what the shells log
  --faults 0,2     of the seed's faults only these
  --workloads a/b  of its workloads only these
  --calm-at MS     ends the faults by then
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const numberOf = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  process.stderr.write(`--${name} is "${text}"; allowed is a whole number from ${least} on\n`);
  process.exit(2);
};

const listOf = (text: string): string[] => text.split(',').filter((one) => one !== '');

const readArguments = () => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      log: { type: 'boolean', default: false },
      faults: { type: 'string' },
      workloads: { type: 'string' },
      'calm-at': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(usage);
    process.exit(0);
  }
  const { faults, workloads, 'calm-at': calmAt } = values;
  const cut: Cut = {
    ...(faults === undefined
      ? {}
      : { faults: listOf(faults).map((one) => numberOf('faults', one, 0)) }),
    ...(workloads === undefined ? {} : { workloads: listOf(workloads) }),
    ...(calmAt === undefined ? {} : { calmAtMs: numberOf('calm-at', calmAt, 1_000) }),
  };
  const from = numberOf('from', values.from, 0);
  return { seeds: numberOf('seeds', values.seeds, 1), from, log: values.log, cut };
};

const tellFailure = async (seed: number, verdict: Verdict, cut: Cut): Promise<void> => {
  say(`seed ${seed} failed:`);
  for (const line of tellWrong(verdict)) say(line);
  const isCut = Object.keys(cut).length > 0;
  const smallest = isCut ? cut : await shrink(drawPlan(seed), verdict.wrong);
  for (const line of tellFaults(cutPlan(drawPlan(seed), smallest))) say(line);
  say(`  again: ${commandOf(seed, smallest)}`);
};

/** Runs it twice, and says so when the second run left anything else. */
const isRepeatable = async ({ plan, ran, goal }: Verdict): Promise<boolean> =>
  (await run(plan, { goal })).digest === ran.digest;

const runSeed = async (
  seed: number,
  { cut, log }: { readonly cut: Cut; readonly log: boolean },
  summary: Summary,
): Promise<boolean> => {
  const options = log ? { logger: createLogger } : {};
  const verdict = await judgePlan(cutPlan(drawPlan(seed), cut), options);
  const repeatable = seed % repeatEvery !== 0 || (await isRepeatable(verdict));
  summary.add(verdict, seed % repeatEvery === 0, repeatable);
  if (log) for (const line of tellMessages(verdict)) say(line);
  if (!repeatable) say(`seed ${seed} run twice did not leave the same bytes`);
  if (verdict.wrong.length > 0) await tellFailure(seed, verdict, cut);
  return repeatable && verdict.wrong.length === 0;
};

const main = async (): Promise<void> => {
  const { seeds, from, ...how } = readArguments();
  const summary = createSummary();
  let failed = 0;
  let isInterrupted = false;
  // The table of what was run is worth having all the same.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      isInterrupted = true;
    });
  }
  for (let seed = from; seed < from + seeds && failed < failuresMax; seed += 1) {
    if (isInterrupted) break;
    if (!(await runSeed(seed, how, summary))) failed += 1;
    const done = seed - from + 1;
    if (done % progressEvery === 0) say(`${done} seeds, ${failed} failed`);
  }
  for (const line of summary.lines()) say(line);
  process.exitCode = failed === 0 ? 0 : 1;
};

await main();
