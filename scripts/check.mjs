/** Checks the code without running it: Biome, the types, and knip for what nobody uses. */
import { spawnSync } from 'node:child_process';
import { root } from './setup/places.mjs';
import { whenUnread } from './unread.mjs';

const checks = {
  biome: ['biome', 'check', '--error-on-warnings', '.'],
  types: ['tsc', '-p', '.'],
  // The console's page runs in a browser: it knows a document, and no files or processes.
  'types of the page': ['tsc', '-p', 'services/console/page'],
  knip: ['knip', '--no-progress'],
};

/**
 * Runs every check, also after a failure, with their output as it comes.
 * @returns {{ name: string, passed: boolean }[]}
 */
export function runChecks() {
  return Object.entries(checks).map(([name, [program, ...args]]) => {
    const startMs = performance.now();
    const { status } = spawnSync(/** @type {string} */ (program), args, {
      cwd: root,
      stdio: 'inherit',
    });
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    process.stdout.write(`${status === 0 ? '✓' : '✗'} ${name} (${seconds} s)\n`);
    return { name, passed: status === 0 };
  });
}

if (process.argv[1] === import.meta.filename) {
  whenUnread(() => process.exit(0));
  process.exitCode = runChecks().every((check) => check.passed) ? 0 : 1;
}
