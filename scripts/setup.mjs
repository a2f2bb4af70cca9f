/** Makes this machine ready to run Flyball: installs what is missing, and nothing twice. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { browserReady, installBrowser } from './setup/browser.mjs';
import { clusterReady, installClusterPrograms } from './setup/cluster.mjs';
import { SetupError } from './setup/command.mjs';
import { installManifestTools, manifestToolsReady } from './setup/manifest-tools.mjs';
import { installPackages, packagesReady } from './setup/packages.mjs';
import { tools } from './setup/places.mjs';
import { tell } from './setup/progress.mjs';
import { installServers, serversReady } from './setup/servers.mjs';
import { whenUnread } from './unread.mjs';

const EXIT_USAGE = 64;
const NODE_MAJOR_MIN = 20;
const LOCK_WAIT_LIMIT_MS = 900_000;
const LOCK_POLL_MS = 250;

const lock = join(tools, 'setup.lock');

/** @returns {boolean} whether the process that wrote the lock is still there */
function lockHolderLives() {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** Two set-ups at once would install over each other: the second waits for the first. */
async function takeLock() {
  mkdirSync(tools, { recursive: true });
  const startMs = performance.now();
  for (let waited = false; performance.now() - startMs < LOCK_WAIT_LIMIT_MS; waited = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      process.on('exit', () => rmSync(lock, { force: true }));
      return;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    if (!lockHolderLives()) rmSync(lock, { force: true });
    else if (!waited) tell('Another set-up is running here; waiting for it …');
    await wait(LOCK_POLL_MS);
  }
  throw new SetupError(`Another set-up has held ${lock} for too long. Remove it and try again.`);
}

/**
 * @typedef {{ servers: boolean, forTests: boolean, cluster?: boolean }} Needs
 *   `servers`: NATS and Redis are used; `forTests`: every version that the suites run on,
 *   what they check manifests with, and the browser that shows them the console's page;
 *   `cluster`: a cluster runs on this machine
 */

/**
 * Installs whatever is missing. Costs some milliseconds when nothing is.
 * @param {Needs} needs
 * @returns {Promise<void>} rejects with a SetupError that says what to do
 */
async function setUp({ servers, forTests, cluster = false }) {
  const nodeMajor = Number(process.versions.node.split('.')[0]);
  if (nodeMajor < NODE_MAJOR_MIN) {
    throw new SetupError(
      `Node ${process.versions.node} runs this; Node ${NODE_MAJOR_MIN} or newer is needed.`,
    );
  }
  const needsPackages = !packagesReady();
  const needsServers = servers && !serversReady(forTests);
  const needsCluster = cluster && !clusterReady();
  const needsTools = forTests && !manifestToolsReady();
  const needsBrowser = forTests && !browserReady();
  if (!(needsPackages || needsServers || needsCluster || needsTools || needsBrowser)) return;
  if (needsPackages) tell('Setting up what is missing …');
  await takeLock();
  if (!packagesReady()) await installPackages();
  if (servers && !serversReady(forTests)) await installServers(forTests);
  if (forTests && !manifestToolsReady()) await installManifestTools();
  if (forTests && !browserReady()) await installBrowser();
  if (cluster && !clusterReady()) await installClusterPrograms();
  rmSync(lock, { force: true });
}

/**
 * Sets up, and ends the process with one clear message where that cannot be done.
 * @param {Needs} needs
 */
export async function setUpOrExit(needs) {
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  try {
    await setUp(needs);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    tell(`\nThe set-up could not finish.\n${error.message}`);
    process.exit(1);
  }
  process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
}

const usage = `npm run setup -- [--tests]
Installs what is missing of pnpm, Node 24, the packages, nats-server and redis-server.
  --tests  every version of the servers that the tests run on, helm, which checks the chart, and
           chromium, which shows the console's page
`;

if (process.argv[1] === import.meta.filename) {
  whenUnread(() => process.exit(0));
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) process.stdout.write(usage);
  else if (args.every((arg) => arg === '--tests')) {
    await setUpOrExit({ servers: true, forTests: args.length > 0, cluster: args.length > 0 });
    tell('Ready.');
  } else {
    tell(`npm run setup was given ${args.join(' ')}.\n\n${usage}`);
    process.exitCode = EXIT_USAGE;
  }
}
