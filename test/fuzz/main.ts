/** `npm run fuzz -- --runs N --seed S`: the fuzzers of the default tests, more of them. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exit, out, runCommand } from '../command/run-command.ts';
import { fuzzVariables, parseCount } from './fuzz-runs.ts';

const vitest = join(import.meta.dirname, '../../scripts/vitest.mjs');
const defaultRuns = '1000';
const seedsDrawn = 1_000_000;

const usage = `npm run fuzz -- [--runs N] [--seed S]
Runs each fuzzer of the default tests more often. What fails is told with the smallest example
found and the command that repeats it; the exit code is then 1.
  --runs N  how often each runs, ${defaultRuns} by default
  --seed S  where the examples begin; another one each time by default
`;

const readArguments = () => {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: defaultRuns },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const seed = values.seed ?? String(1 + Math.floor(Math.random() * seedsDrawn));
  return {
    help: values.help,
    runs: parseCount('--runs', values.runs),
    seed: parseCount('--seed', seed),
  };
};

const fuzz = (
  { runs, seed }: ReturnType<typeof readArguments>,
  signal: AbortSignal,
): Promise<number> => {
  out(`Each fuzzer runs ${runs} times from seed ${seed}.`);
  const args = [vitest, 'run', '--project', 'fuzz', '--testTimeout', '3600000'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, [fuzzVariables.runs]: String(runs), [fuzzVariables.seed]: String(seed) },
    stdio: 'inherit',
  });
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', (code) => resolve(code ?? exit.interrupted));
  });
};

await runCommand({ usage, read: readArguments, run: fuzz });
