/** `npm run sim`: runs seeds, and prints how to repeat the ones that fail. */
import { parseArgs } from 'node:util';
import { exit, out, runCommand } from '../command/run-command.ts';
import type { Cut } from './cut-plan.ts';
import { runSeeds } from './run-seeds.ts';
import { createSummary } from './summary.ts';

/** More failing seeds than these are not worth the time: something is broken. */
const failuresMax = 20;
const progressEvery = 1_000;

const usage = `npm run sim -- [--seeds N] [--from S] [--log]
  --seeds N        how many seeds, 1,000 by default; on all processors
  --from S         the first seed, 1 by default
  --log            prints every message that was stored, and on stderr what the shells log
  --faults 0,2     of the seed's faults only these
  --workloads a/b  of its workloads only these
  --calm-at MS     ends the faults by then

Each seed draws workloads, loads, processes and faults, and is judged. Of one that fails the command
is printed that repeats it, with as little in it as still fails. Ctrl-C prints what was run so far.
`;

const options = {
  seeds: { type: 'string', default: '1000' },
  from: { type: 'string', default: '1' },
  log: { type: 'boolean', default: false },
  faults: { type: 'string' },
  workloads: { type: 'string' },
  'calm-at': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const numberOf = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= least) return value;
  throw new TypeError(`--${name} is "${text}"; allowed is a whole number from ${least} on`);
};

const listOf = (text: string): string[] => text.split(',').filter((one) => one !== '');

const readArguments = () => {
  const { values } = parseArgs({ options });
  const { faults, workloads, 'calm-at': calmAt } = values;
  const cut: Cut = {
    ...(faults === undefined
      ? {}
      : { faults: listOf(faults).map((one) => numberOf('faults', one, 0)) }),
    ...(workloads === undefined ? {} : { workloads: listOf(workloads) }),
    ...(calmAt === undefined ? {} : { calmAtMs: numberOf('calm-at', calmAt, 1_000) }),
  };
  const seeds = numberOf('seeds', values.seeds, 1);
  const from = numberOf('from', values.from, 0);
  return { help: values.help, seeds, from, options: { cut, log: values.log } };
};

const run = async (
  given: ReturnType<typeof readArguments>,
  signal: AbortSignal,
): Promise<number> => {
  const summary = createSummary();
  await runSeeds({
    ...given,
    signal,
    onReport: (report) => {
      summary.add(report);
      for (const line of report.lines) out(line);
      const { seeds, failed } = summary.counts;
      if (seeds % progressEvery === 0) out(`${seeds} seeds, ${failed} failed`);
      return failed >= failuresMax;
    },
  });
  for (const line of summary.lines()) out(line);
  if (signal.aborted) return exit.interrupted;
  return summary.counts.failed === 0 ? exit.ok : exit.failed;
};

await runCommand({ usage, read: readArguments, run });
