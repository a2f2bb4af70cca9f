/** A vitest reporter that leaves the counts, what failed, and why tests were skipped, in a file. */
import { writeFileSync } from 'node:fs';

/**
 * @typedef {{ name: string, reason: string }} Told
 * @typedef {{ passed: number, failures: Told[], skipped: Told[] }} Counts
 */

/** As much of an error as names it; the whole of it stands where the test ran. */
const ERROR_CHARS = 600;

/**
 * @param {readonly { message?: string }[]} errors
 * @returns {string}
 */
const firstMessage = (errors) => (errors[0]?.message ?? 'no message').slice(0, ERROR_CHARS);

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
   * @param {readonly { message?: string }[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Counts} */
    const counts = { passed: 0, failures: [], skipped: [] };
    for (const error of unhandledErrors) {
      counts.failures.push({
        name: 'an error outside of all tests',
        reason: firstMessage([error]),
      });
    }
    for (const module of modules) countModule(module, counts);
    const file = process.env.FLYBALL_TEST_COUNTS;
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}

/**
 * @param {import('vitest/node').TestModule} module
 * @param {Counts} counts written to
 */
function countModule(module, counts) {
  // A file or a suite that broke outside of its tests counts as one failed test.
  for (const suite of [module, ...module.children.allSuites()]) {
    const errors = suite.errors();
    if (errors.length > 0) {
      counts.failures.push({ name: module.relativeModuleId, reason: firstMessage(errors) });
    }
  }
  for (const test of module.children.allTests()) {
    const result = test.result();
    const name = `${module.relativeModuleId} > ${test.fullName}`;
    if (result.state === 'passed') counts.passed += 1;
    else if (result.state === 'failed') {
      counts.failures.push({ name, reason: firstMessage(result.errors) });
    } else counts.skipped.push({ name, reason: reasonOf(test) });
  }
}
