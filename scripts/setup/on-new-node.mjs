/** Says which Node is needed; written so that those which are too old can read it. */

const NODE_MAJOR_MIN = 20;

/**
 * Goes on with a script, or ends with one clear message. The script is imported only then: an old
 * Node stumbles over syntax and modules that it does not know before any of them runs.
 * @param {() => Promise<unknown>} load
 */
export function onNewNode(load) {
  const { node } = process.versions;
  if (Number(node.split('.')[0]) >= NODE_MAJOR_MIN) {
    load();
    return;
  }
  process.stderr.write(`Node ${node} runs this; Node ${NODE_MAJOR_MIN} or newer is needed.\n`);
  process.exitCode = 1;
}
