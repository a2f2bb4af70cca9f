/** Tells the person waiting what the set-up is doing and how long each step took. */

const terminal = process.stderr.isTTY === true && process.env.NO_COLOR === undefined;
const paint = (/** @type {number} */ code, /** @type {string} */ text) =>
  terminal ? `\u001b[${code}m${text}\u001b[0m` : text;
const green = (/** @type {string} */ text) => paint(32, text);
const yellow = (/** @type {string} */ text) => paint(33, text);
const dim = (/** @type {string} */ text) => paint(2, text);

/**
 * One line for the person waiting; standard output stays free for the command that follows.
 * @param {string} line
 */
export function tell(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * A line about something that is missing but not needed.
 * @param {string} line
 */
export function warn(line) {
  tell(yellow(line));
}

/**
 * Runs one step, saying when it starts and how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  tell(dim(`  … ${title}`));
  const startMs = performance.now();
  const result = await work();
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  tell(`  ${green('✓')} ${title} ${dim(`(${seconds} s)`)}`);
  return result;
}
