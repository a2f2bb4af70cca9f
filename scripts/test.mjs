/** Runs every check and every test; the last line of output is `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from './check.mjs';
import { root } from './setup/places.mjs';
import { whenUnread } from './unread.mjs';

/** @typedef {import('./count-reporter.mjs').Counts} Counts */

/** Each row is one run of vitest: what uses servers and processors does not share them. */
const rounds = [
  ['story', 'house', 'traces'],
  ['simulation'],
  ['integration', 'fuzz'],
  ['e2e'],
  ['console'],
  ['kubernetes'],
];

const vitest = [join(root, 'scripts/vitest.mjs'), 'run'];
/** Runs vitest too, in a network of its own; says in one line where that cannot be done. */
const onCluster = [join(root, 'test/kubernetes/main.ts')];
const folder = mkdtempSync(join(tmpdir(), 'flyball-test-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** @type {import('node:child_process').ChildProcess | undefined} */
let running;
/** @type {NodeJS.Signals | undefined} */
let interruption;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    interruption = signal;
    if (signal !== 'SIGINT' || process.stdin.isTTY !== true) running?.kill(signal);
  });
}
whenUnread(() => {
  interruption = 'SIGPIPE';
  running?.kill('SIGTERM');
});

/**
 * Runs vitest on some projects.
 * @param {readonly string[]} projects
 * @returns {Promise<Counts>} one failure at least when vitest itself did not end well
 */
async function runProjects(projects) {
  const file = join(folder, `${projects.join('-')}.json`);
  const chosen = projects.flatMap((project) => ['--project', project]);
  const args = [
    ...(projects.includes('kubernetes') ? onCluster : [...vitest, ...chosen]),
    ...['--reporter=default', `--reporter=${join(root, 'scripts/count-reporter.mjs')}`],
  ];
  const env = { ...process.env, FLYBALL_TEST_COUNTS: file };
  const code = await new Promise((done) => {
    running = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
    running.once('error', () => done(1)).once('exit', (exitCode) => done(exitCode ?? 1));
  });
  /** @type {Counts} */
  const counts = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { passed: 0, failures: [], skipped: [] };
  if (code === 0 || counts.failures.length > 0) return counts;
  const name = `vitest run of ${projects.join(', ')}`;
  return { ...counts, failures: [{ name, reason: `ended with exit code ${code}` }] };
}

/**
 * Skipped tests are never silent: their number, and each reason once.
 * @param {Counts['skipped']} skipped
 */
function tellSkipped(skipped) {
  if (skipped.length === 0) return;
  process.stdout.write(`\n${skipped.length} skipped:\n`);
  for (const [reason, tests] of Map.groupBy(skipped, (test) => test.reason)) {
    process.stdout.write(`  ${reason}: ${tests.length}, as ${tests[0]?.name}\n`);
  }
}

/**
 * What failed, once more and last: a log of thousands of lines is often cut, or read from its end.
 * @param {Counts['failures']} failures
 */
function tellFailures(failures) {
  for (const { name, reason } of failures) {
    process.stdout.write(`\n✗ ${name}\n  ${reason.replaceAll('\n', '\n  ')}\n`);
  }
}

const checks = runChecks();
/** @type {Counts} */
const total = {
  passed: checks.filter((check) => check.passed).length,
  failures: checks
    .filter((check) => !check.passed)
    .map(({ name }) => ({ name, reason: `see above; npm run check runs it again` })),
  skipped: [],
};
for (const projects of rounds) {
  if (interruption !== undefined) break;
  const counts = await runProjects(projects);
  total.passed += counts.passed;
  total.failures.push(...counts.failures);
  total.skipped.push(...counts.skipped);
}
tellSkipped(total.skipped);
tellFailures(total.failures);
if (interruption === undefined) {
  process.stdout.write(`\n${total.passed} passed, ${total.failures.length} failed\n`);
  process.exitCode = total.failures.length === 0 ? 0 : 1;
} else {
  process.stdout.write(`\nInterrupted by ${interruption}.\n`);
  process.exitCode = 130;
}
