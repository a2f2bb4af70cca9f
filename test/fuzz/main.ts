/** `npm run fuzz -- --runs N --seed S`: the fuzzers of the default tests, more of them. */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { fuzzVariables, parseCount } from './fuzz-runs.ts';

const defaultRuns = '1000';

const help = `npm run fuzz -- [--runs N] [--seed S]
Runs each fuzzer of the default tests more often. What fails is told with the smallest example
found and the command that repeats it; the exit code is then 1.
  --runs N  how often each runs, ${defaultRuns} by default
  --seed S  where the examples begin; another one each time by default
`;

const readOptions = () => {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: 'string', default: defaultRuns },
        seed: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(help);
      process.exit(0);
    }
    const seed = values.seed ?? String(1 + Math.floor(Math.random() * 1_000_000));
    return { runs: parseCount('--runs', values.runs), seed: parseCount('--seed', seed) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${why}\n\n${help}`);
    process.exit(2);
  }
};

const { runs, seed } = readOptions();
process.stdout.write(`Each fuzzer runs ${runs} times from seed ${seed}.\n`);
const child = spawn('vitest', ['run', '--project', 'fuzz', '--testTimeout', '3600000'], {
  env: { ...process.env, [fuzzVariables.runs]: String(runs), [fuzzVariables.seed]: String(seed) },
  stdio: 'inherit',
});
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
