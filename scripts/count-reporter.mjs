/** A vitest reporter that leaves the counts, and why tests were skipped, in a file. */
import { writeFileSync } from 'node:fs';

/**
 * @typedef {{ passed: number, failed: number, skipped: { name: string, reason: string }[] }} Counts
 */

/**
 * Why a test did not run: its own note, else that of the suite it stands in.
 * @param {import('vitest/node').TestCase} test
 */
function reasonOf(test) {
  const result = test.result();
  return (result.state === 'skipped' ? result.note : undefined) ?? 'skipped in the source';
}

/** Writes the counts to the file that FLYBALL_TEST_COUNTS names. */
export default class CountReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Counts} */
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      const suites = [...module.children.allSuites()];
      // A file or a suite that broke outside of its tests counts as one failed test.
      counts.failed += [module, ...suites].filter((suite) => suite.errors().length > 0).length;
      for (const test of tests) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') counts.failed += 1;
        else {
          const name = `${module.relativeModuleId} > ${test.fullName}`;
          counts.skipped.push({ name, reason: reasonOf(test) });
        }
      }
    }
    const file = process.env.FLYBALL_TEST_COUNTS;
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}
