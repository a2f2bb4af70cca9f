/** `npm run soak -- --minutes N`: mixed load and faults, and whether everything stays as it was. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '@flyball/cli';
import { machineFacts, machineLine } from '../bench/report/machine-facts.ts';
import { exit, out, runCommand } from '../command/run-command.ts';
import { bounds } from './judge/flatness.ts';
import { isGood, soakReport } from './report/soak-report.ts';
import { runSoak } from './run-soak.ts';

const { residentMib, fileHandles } = bounds;
const usage = `npm run soak -- [options]
  --minutes N    how long (10); from 2 to 1440
  --json FILE    writes the result
  --logs FOLDER  keeps the services' logs there

Steady load, bursts, naps at zero, long requests and changes of policy, under faults: in the first
quarter each service and store is killed once; then they are frozen and cut off in turn; when the
time is over each is killed once more. The exit code is 1 when a request is lost (but those of a
killed activator), the ledger does not balance, the chain is broken, the replay differs, or a
process is not flat: its median memory in the last quarter may be ${residentMib.share} times that of
the second quarter and ${residentMib.more} MiB more, its file handles ${fileHandles.share} times and
${fileHandles.more} more.
`;
const minutesLeast = 2;
const minutesMost = 1_440;

const options = {
  minutes: { type: 'string', default: '10' },
  json: { type: 'string' },
  logs: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const readArguments = () => {
  const { values } = parseArgs({ options });
  const minutes = Number(values.minutes);
  if (!(minutes >= minutesLeast && minutes <= minutesMost)) {
    throw new TypeError(
      `--minutes is ${values.minutes}; it must be from ${minutesLeast} to ${minutesMost}`,
    );
  }
  return { ...values, minutes };
};

const run = async (
  { minutes, json, logs }: ReturnType<typeof readArguments>,
  signal: AbortSignal,
): Promise<number> => {
  process.chdir(repositoryRoot);
  out(machineLine(await machineFacts(process.env)));
  const result = await runSoak({ minutes, logs, signal, tell: out });
  out(`\n${soakReport(result)}`);
  out(machineLine(await machineFacts(process.env)));
  if (json !== undefined) {
    const outcomes = Object.fromEntries(result.outcomes);
    await writeFile(json, `${JSON.stringify({ ...result, outcomes, minutes }, undefined, 2)}\n`);
    out(`results: ${json}`);
  }
  return isGood(result) ? exit.ok : exit.failed;
};

await runCommand({ usage, read: readArguments, run });
