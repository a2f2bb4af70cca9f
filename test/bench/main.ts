/** `npm run bench -- [NAME…]`: prints each figure beside its bar. */
import { parseArgs } from 'node:util';
import { repositoryRoot } from '@flyball/cli';
import { exit, out, runCommand } from '../command/run-command.ts';
import type { BenchContext } from './bench-context.ts';
import { type BenchName, type BenchOptions, benches, benchNames, isBenchName } from './benches.ts';
import { readEarlierRun, writeResults } from './report/earlier-run.ts';
import type { Measured } from './report/figure.ts';
import { type MachineFacts, machineFacts, machineLine } from './report/machine-facts.ts';
import { figureTable } from './report/table.ts';
import { scaleSizes, scaleWorkloadsMax } from './scale/index.ts';

const usage = `npm run bench -- [${benchNames.join('|')}]… [options]
${benchNames.map((name) => `  ${name.padEnd(16)}  ${benches[name].about}`).join('\n')}

  --fast            shorter loads
  --json FILE       writes the results
  --compare FILE    shows what has changed since an earlier --json FILE
  --profile FOLDER  each stage writes its processor profile there
  --logs FOLDER     keeps the services' logs there
  --idle N          pipeline: workloads of the idle figures (100)
  --only BED        pipeline: only one bed: live, held, late or one-process
  --rounds N        activator, decide, growth, telemetry: rounds (5)
  --knative         activator: builds Knative's chain to compare with (minutes, once)
  --knative-harness FOLDER
                    kubernetes: runs its run.sh, which measures real Knative in the same run
  --workloads N     scale: one size only (${scaleSizes.join(', ')})
`;

const idleWorkloadsMax = 200;
const roundsMax = 20;

const options = {
  fast: { type: 'boolean', default: false },
  idle: { type: 'string', default: '100' },
  only: { type: 'string' },
  json: { type: 'string' },
  compare: { type: 'string' },
  profile: { type: 'string' },
  logs: { type: 'string' },
  rounds: { type: 'string', default: '5' },
  knative: { type: 'boolean', default: false },
  workloads: { type: 'string' },
  'knative-harness': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const wholeNumber = (name: string, text: string, most: number): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new TypeError(`--${name} is ${text}; it must be from 1 to ${most}`);
};

const readArguments = () => {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const wanted: BenchName[] = [];
  for (const name of positionals) {
    if (!isBenchName(name)) {
      throw new TypeError(`there is no bench ${name}; known: ${benchNames.join(', ')}`);
    }
    wanted.push(name);
  }
  const { workloads } = values;
  return {
    ...values,
    wanted: wanted.length === 0 ? benchNames : wanted,
    idleWorkloads: wholeNumber('idle', values.idle, idleWorkloadsMax),
    knativeHarness: values['knative-harness'],
    rounds: wholeNumber('rounds', values.rounds, roundsMax),
    sizes:
      workloads === undefined
        ? scaleSizes
        : [wholeNumber('workloads', workloads, scaleWorkloadsMax)],
  };
};

type Arguments = BenchOptions & ReturnType<typeof readArguments>;

const loadLine = ({ loadAverage }: MachineFacts): string =>
  `load average afterwards ${loadAverage.toFixed(2)}`;

/** Runs them one after the other, each with its table; the results of all are one file. */
const runWanted = async (given: Arguments, context: BenchContext): Promise<void> => {
  const earlier = given.compare === undefined ? undefined : await readEarlierRun(given.compare);
  const machine = await machineFacts(context.env);
  out(machineLine(machine));
  const measured: Measured[] = [];
  const processorSeconds: Record<string, Readonly<Record<string, number>>> = {};
  for (const name of given.wanted) {
    if (context.signal.aborted) break;
    const results = await benches[name].run(context, given);
    measured.push(...results.measured);
    Object.assign(processorSeconds, results.processorSeconds);
    out(`\n${figureTable(results.measured, earlier)}`);
    for (const note of results.notes ?? []) out(`  ${note}`);
    out(`\n${loadLine(await machineFacts(context.env))}\n`);
    // After each: a bench that fails does not take the others' figures with it.
    if (given.json !== undefined) {
      await writeResults(given.json, { machine, measured, processorSeconds });
    }
  }
  if (given.json !== undefined) out(`results: ${given.json}`);
};

const run = async (given: Arguments, signal: AbortSignal): Promise<number> => {
  // The samples' commands are paths within the repository.
  process.chdir(repositoryRoot);
  await runWanted(given, {
    env: process.env,
    tell: out,
    signal,
    fast: given.fast,
    profileFolder: given.profile,
    logsFolder: given.logs,
  });
  return signal.aborted ? exit.interrupted : exit.ok;
};

await runCommand({ usage, read: readArguments, run });
