/** Runs some tests of a copy of the repository, and says which one failed first. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import type { TestRun } from './mutation.ts';
import { testFilesOf } from './test-files.ts';

/** A mutation may make a test run for ever. Beyond it no test is judged by its time. */
const runLimitMs = 90_000;

/** Their files share no server and no process: in one thread they are three times as fast. */
const pure: ReadonlySet<TestRun['project']> = new Set(['story', 'house', 'traces', 'simulation']);

/** A failed test, a file that fails before its tests, or a run that had to be ended. */
export interface Failure {
  readonly file: string;
  readonly test: string;
}

export interface RunResult {
  readonly failure: Failure | undefined;
  readonly testsPassed: number;
}

export interface RunOptions {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

const report = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          title: z.string(),
          ancestorTitles: z.array(z.string()),
        }),
      ),
    }),
  ),
});

type Report = z.infer<typeof report>;

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

const failureIn = ({ testResults }: Report, root: string): Failure | undefined => {
  const failed = testResults.filter(({ status }) => status === 'failed');
  for (const { name, assertionResults } of failed) {
    const test = assertionResults.find(({ status }) => status === 'failed');
    if (test === undefined) continue;
    const titles = [...test.ancestorTitles, test.title].filter((title) => title !== '');
    return { file: relative(root, name), test: titles.join(' > ') };
  }
  const [broken] = failed;
  return broken === undefined
    ? undefined
    : {
        file: relative(root, broken.name),
        test: `(the file itself) ${firstLine(broken.message ?? '')}`,
      };
};

/** Ends the process and all that it started; it leads a group of its own. */
const endGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Runs vitest to its end, to the limit or to the signal. */
const runVitest = async (
  run: TestRun,
  resultFile: string,
  { root, env, signal }: RunOptions,
): Promise<{ readonly output: string; readonly timedOut: boolean }> => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [
    ...[vitest, 'run', '--project', run.project, '--bail', '1', '--maxWorkers', '1'],
    `--testTimeout=${runLimitMs}`,
    ...(pure.has(run.project) ? ['--pool=threads', '--no-isolate'] : []),
    ...(run.named === undefined ? [] : ['--testNamePattern', run.named]),
    ...['--reporter=json', `--outputFile=${resultFile}`],
    ...testFilesOf(run, root),
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...env, CI: 'true', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`vitest could not be started in ${root}`);
  let output = '';
  const keep = (chunk: Buffer) => {
    output = `${output}${chunk.toString()}`.slice(-outputKeptMax);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = AbortSignal.any([signal, AbortSignal.timeout(runLimitMs)]);
  const end = () => endGroup(pid);
  ended.addEventListener('abort', end);
  await once(child, 'close');
  ended.removeEventListener('abort', end);
  return { output, timedOut: ended.aborted && !signal.aborted };
};

/** Of what vitest prints beside its report: enough to see why it has none. */
const outputKeptMax = 4_000;

const readReport = async (file: string): Promise<Report | undefined> => {
  try {
    return report.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/**
 * Runs the tests of one run in a copy. Throws when vitest ends without a report: that says nothing
 * about any test.
 */
export const runTests = async (run: TestRun, options: RunOptions): Promise<RunResult> => {
  const { root, signal } = options;
  const resultFile = join(root, `mutation-report-${run.project}.json`);
  await rm(resultFile, { force: true });
  const { output, timedOut } = await runVitest(run, resultFile, options);
  signal.throwIfAborted();
  if (timedOut) {
    const test = `(nothing ended within ${runLimitMs / 1000} s)`;
    return { failure: { file: run.files.join(' '), test }, testsPassed: 0 };
  }
  const found = await readReport(resultFile);
  if (found === undefined) throw new Error(`vitest left no report: ${output}`);
  return { failure: failureIn(found, root), testsPassed: found.numPassedTests };
};
