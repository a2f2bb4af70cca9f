/** `npm run bench -- [pipeline|activator|decide]`: prints each figure beside its bar. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '@flyball/cli';
import { formatBenchTable, runActivatorBench } from './activator/index.ts';
import type { BenchContext } from './bench-context.ts';
import { runDecideBench } from './decide/index.ts';
import { runPipelineBench } from './pipeline/index.ts';
import { readEarlierRun, writeResults } from './report/earlier-run.ts';
import { machineFacts, machineLine } from './report/machine-facts.ts';
import { figureTable } from './report/table.ts';

const usage = `npm run bench -- [pipeline|activator|decide] [options]
  --fast            shorter loads
  --idle N          workloads of the idle figure (20)
  --only BED        of the pipeline only the phases on one bed: live, held or late
  --json FILE       writes the results
  --compare FILE    shows what has changed since an earlier --json FILE
  --rounds N        rounds of the activator's and the stages' bench (5)
  --knative         builds Knative's activator chain to compare with (minutes, once)
  --profile FOLDER  each stage writes its processor profile there
`;

/** The pipeline has this long, all in all; what comes later is not measured. */
const limitMs = 300_000;
const exit = { ok: 0, usage: 64, interrupted: 130 } as const;
const idleWorkloadsMax = 200;
const roundsMax = 20;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const options = {
  fast: { type: 'boolean', default: false },
  idle: { type: 'string', default: '20' },
  only: { type: 'string' },
  json: { type: 'string' },
  compare: { type: 'string' },
  profile: { type: 'string' },
  rounds: { type: 'string', default: '5' },
  knative: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const readArguments = () => {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const idleWorkloads = Number(values.idle);
  if (!Number.isInteger(idleWorkloads) || idleWorkloads < 1 || idleWorkloads > idleWorkloadsMax) {
    throw new TypeError(`--idle is ${values.idle}; it must be from 1 to ${idleWorkloadsMax}`);
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > roundsMax) {
    throw new TypeError(`--rounds is ${values.rounds}; it must be from 1 to ${roundsMax}`);
  }
  const known = ['pipeline', 'activator', 'decide'];
  const wanted = positionals.length === 0 ? known : positionals;
  for (const name of wanted) {
    if (!known.includes(name)) throw new TypeError(`there is no bench ${name}; known: ${known}`);
  }
  return { ...values, wanted, idleWorkloads, rounds };
};

type Arguments = ReturnType<typeof readArguments>;

const benchPipeline = async (context: BenchContext, given: Arguments): Promise<void> => {
  const machine = await machineFacts(context.env);
  const earlier = given.compare === undefined ? undefined : await readEarlierRun(given.compare);
  print(machineLine(machine));
  const { idleWorkloads, only } = given;
  const { measured, processorSeconds } = await runPipelineBench(context, { idleWorkloads, only });
  print(`\n${figureTable(measured, earlier)}\n`);
  print(machineLine(await machineFacts(context.env)));
  if (given.json !== undefined) {
    await writeResults(given.json, { machine, measured, processorSeconds });
    print(`results: ${given.json}`);
  }
};

/** `context` without the pipeline's time limit: this bench has its own. */
const benchActivator = async (context: BenchContext, given: Arguments): Promise<void> => {
  const { rounds, knative, json } = given;
  const table = await runActivatorBench({ ...context, rounds, knative });
  print(`\n${formatBenchTable(table)}\n`);
  if (json === undefined) return;
  // Beside the pipeline's results, where both were asked for.
  const file = given.wanted.includes('pipeline') ? `${json}.activator` : json;
  await writeFile(file, `${JSON.stringify(table, undefined, 2)}\n`);
  print(`results: ${file}`);
};

/** The pure stages on this thread: `--compare` and the machine as with the pipeline. */
const benchDecide = async (context: BenchContext, given: Arguments): Promise<void> => {
  const machine = await machineFacts(context.env);
  const earlier = given.compare === undefined ? undefined : await readEarlierRun(given.compare);
  print(machineLine(machine));
  const measured = await runDecideBench(context, given);
  print(`\n${figureTable(measured, earlier)}\n`);
  print(machineLine(await machineFacts(context.env)));
  if (given.json === undefined) return;
  const file = given.wanted.length === 1 ? given.json : `${given.json}.decide`;
  await writeResults(file, { machine, measured, processorSeconds: {} });
  print(`results: ${file}`);
};

const main = async (): Promise<number> => {
  let given: Arguments;
  try {
    given = readArguments();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return exit.usage;
  }
  if (given.help) {
    print(usage);
    return exit.ok;
  }
  // The samples' commands are paths within the repository.
  process.chdir(repositoryRoot);
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  const context: BenchContext = {
    env: process.env,
    tell: print,
    signal: AbortSignal.any([interrupted.signal, AbortSignal.timeout(limitMs)]),
    fast: given.fast,
    profileFolder: given.profile,
  };
  if (given.wanted.includes('pipeline')) await benchPipeline(context, given);
  if (given.wanted.includes('activator') && !interrupted.signal.aborted) {
    await benchActivator({ ...context, signal: interrupted.signal }, given);
  }
  if (given.wanted.includes('decide') && !interrupted.signal.aborted) {
    await benchDecide({ ...context, signal: interrupted.signal }, given);
  }
  return interrupted.signal.aborted ? exit.interrupted : exit.ok;
};

process.exitCode = await main();
