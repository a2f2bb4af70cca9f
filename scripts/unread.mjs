/** What becomes of a script when nobody reads its output any more. */

/**
 * `npm run check | head` closes the pipe: that is an end, not an error with a stack trace.
 * @param {() => void} end once nobody reads the results; what is said to stderr may go unheard
 */
export function whenUnread(end) {
  process.stdout.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code !== 'EPIPE') throw error;
    end();
  });
  process.stderr.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
