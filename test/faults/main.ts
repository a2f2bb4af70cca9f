/** `npm run faults`: real processes under load, hurt in every way; one table of what it cost. */
import { execFileSync, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { parseArgs, styleText } from 'node:util';
import { repositoryRoot } from '@flyball/cli';
import { availableNatsServers } from '@flyball/event-log/testing';
import { exit, note, out, runCommand } from '../command/run-command.ts';
import type { FaultResult } from './fault.ts';
import { faults } from './list/faults.ts';
import { faultTable, verdictOf } from './report/fault-table.ts';
import { runFaults } from './run-faults.ts';

const usage = `npm run faults -- [options]
  --only TEXT       faults whose name contains it; may be given several times
  --quick           the few that the default tests run
  --rounds N        rounds of each fault (3)
  --nats VERSION    an installed nats-server of that version
  --json FILE       writes the results
  --logs FOLDER     keeps the services' logs there
  --list            prints the faults and does nothing
`;

const roundsMax = 100;
const ownMounts = ['unshare', '--map-root-user', '--mount'] as const;

const options = {
  only: { type: 'string', multiple: true, default: [] as string[] },
  quick: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '3' },
  nats: { type: 'string' },
  json: { type: 'string' },
  logs: { type: 'string' },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const readArguments = () => {
  const { values } = parseArgs({ options });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > roundsMax) {
    throw new TypeError(`--rounds is ${values.rounds}; it must be from 1 to ${roundsMax}`);
  }
  const { only, quick } = values;
  for (const text of only) {
    if (faults.some(({ name }) => name.includes(text))) continue;
    throw new TypeError(`no fault has ${JSON.stringify(text)} in its name; --list names all`);
  }
  const wanted = faults.filter(
    ({ name, quick: isQuick }) =>
      (only.length === 0 || only.some((text) => name.includes(text))) &&
      (!quick || isQuick === true),
  );
  return { ...values, rounds, wanted };
};

type Arguments = ReturnType<typeof readArguments>;

/** May this user have a view of the file system of its own? */
const ownMountsAllowed = (): boolean => {
  try {
    const [program, ...args] = ownMounts;
    execFileSync(program, [...args, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The same command where its mounts are its own: they are gone when it ends. */
const runWithOwnMounts = (): Promise<number> => {
  const [program, ...args] = ownMounts;
  const command = [...args, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, FAULTS_OWN_MOUNTS: 'yes' };
  const child = spawn(program, command, { stdio: 'inherit', env });
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', (code) => resolve(code ?? exit.interrupted));
  });
};

const natsOf = async (version: string | undefined) => {
  if (version === undefined) return undefined;
  const all = await availableNatsServers();
  const found = all.find((one) => one.version === version);
  if (found !== undefined) return found;
  const known = all.map((one) => one.version).join(', ');
  throw new TypeError(`there is no nats-server ${version}; here are ${known}`);
};

const verdictStyles = { ok: 'green', FAILED: 'red', 'not done': 'yellow' } as const;

const sayResult = (result: FaultResult): void => {
  const verdict = verdictOf(result);
  note(`  ${styleText(verdictStyles[verdict], verdict)}`);
  for (const problem of result.problems) note(`    ${styleText('red', problem)}`);
};

const hurt = async (given: Arguments, signal: AbortSignal): Promise<number> => {
  const { wanted, rounds, json, logs } = given;
  const nats = await natsOf(given.nats);
  const beganAtMs = performance.now();
  const results = await runFaults(wanted, {
    ...{ rounds, nats, logs, signal },
    tell: (text) => note(styleText('dim', `  ${text}`)),
    began: ({ name, about }) => note(`${styleText('bold', name)}  ${about}`),
    ended: sayResult,
  });
  out(faultTable(results));
  const failed = results.filter((result) => verdictOf(result) === 'FAILED');
  const tookSeconds = Math.round((performance.now() - beganAtMs) / 1_000);
  out(`faults: ${results.length}, failed: ${failed.length}; ${tookSeconds} s`);
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify({ rounds, nats, results }, undefined, 2)}\n`);
    out(`results: ${json}`);
  }
  return failed.length === 0 ? exit.ok : exit.failed;
};

const run = async (given: Arguments, signal: AbortSignal): Promise<number> => {
  if (given.list) {
    for (const { name, about } of given.wanted) out(`${name.padEnd(46)} ${about}`);
    return exit.ok;
  }
  const ownMountsWanted = process.env.FAULTS_OWN_MOUNTS === undefined;
  if (ownMountsWanted && ownMountsAllowed()) return runWithOwnMounts();
  process.chdir(repositoryRoot);
  return hurt(given, signal);
};

await runCommand({ usage, read: readArguments, run });
