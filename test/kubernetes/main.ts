/** `npm run test:kubernetes`: the tests on a real API server, in a network of their own. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseCluster } from './cluster/choose-cluster.ts';
import { buildPrograms } from './control-plane/programs.ts';

const root = join(import.meta.dirname, '../..');
const tell = (line: string): void => void process.stderr.write(`kubernetes: ${line}\n`);

/** Where `npm test` reads what was passed, failed and skipped; then this is one of many. */
const countsFile = process.env.FLYBALL_TEST_COUNTS;

/** Nothing could be tested: said in one line, and counted as skipped by `npm test`. */
const tellNone = (why: string): void => {
  tell(`the tests on a real API server do not run here: ${why}.`);
  const skipped = [{ name: 'test/kubernetes', reason: `no API server: ${why}` }];
  if (countsFile === undefined) process.exitCode = 1;
  else writeFileSync(countsFile, JSON.stringify({ passed: 0, failures: [], skipped }));
};

type Wrap = (command: readonly string[]) => readonly string[];

const runTests = (wrap: Wrap, temporary: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const vitest = [process.execPath, join(root, 'scripts/vitest.mjs'), 'run'];
    const command = wrap([...vitest, '--project', 'kubernetes', ...process.argv.slice(2)]);
    const [program = '', ...args] = command;
    const env = { ...process.env, TMPDIR: temporary };
    const child = spawn(program, args, { cwd: root, env, stdio: 'inherit' });
    // A terminal's Ctrl-C reaches it by itself; a second one would cut its cleaning up short.
    process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    process.on('SIGHUP', () => child.kill('SIGHUP'));
    child.once('error', reject).once('exit', (code) => resolve(code ?? 1));
  });

const cluster = await chooseCluster();
if (cluster.kind === 'none') tellNone(cluster.why);
else {
  // Before the network is left: Go fetches its modules.
  if (cluster.kind === 'own') await buildPrograms(tell);
  process.env.FLYBALL_TEST_CLUSTER = cluster.kind;
  // Everything that is written goes there, also what tests that are cut off leave.
  const temporary = await mkdtemp(join(tmpdir(), 'flyball-kubernetes-'));
  try {
    process.exitCode = await runTests(cluster.wrap, temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 10 });
  }
}
