/** Runs the activator's benchmark alone. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { formatBenchTable, runActivatorBench } from './index.ts';

const usage = `activator bench [options]
  --rounds N    rounds in which every proxy is visited once (5; 1 to 20)
  --knative     fetches and builds Knative's activator chain (minutes, once)
  --json FILE   writes the results
`;
const roundsMax = 20;
const exitUsage = 64;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const options = {
  rounds: { type: 'string', default: '5' },
  knative: { type: 'boolean', default: false },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options });
  const rounds = Number(values.rounds);
  if (values.help || !Number.isInteger(rounds) || rounds < 1 || rounds > roundsMax) {
    if (!values.help) print(`--rounds is ${values.rounds}; it must be from 1 to ${roundsMax}`);
    print(usage);
    return values.help ? 0 : exitUsage;
  }
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const { knative, json } = values;
  const context = { env: process.env, signal: interrupted.signal, tell: print };
  const table = await runActivatorBench({ rounds, knative, ...context });
  print(formatBenchTable(table));
  if (json !== undefined) await writeFile(json, `${JSON.stringify(table, undefined, 2)}\n`);
  return 0;
};

process.exitCode = await main();
