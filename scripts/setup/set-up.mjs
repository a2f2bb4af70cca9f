/** Makes this machine ready to run Flyball: installs what is missing, and nothing twice. */
import { browserReady, installBrowser } from './browser.mjs';
import { clusterReady, installClusterPrograms } from './cluster.mjs';
import { SetupError } from './command.mjs';
import { takeLock } from './lock.mjs';
import { installManifestTools, manifestToolsReady } from './manifest-tools.mjs';
import { installPackages, packagesReady } from './packages.mjs';
import { tell } from './progress.mjs';
import { installServers, serversReady } from './servers.mjs';

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
  const needsPackages = !packagesReady();
  const needsServers = servers && !serversReady(forTests);
  const needsCluster = cluster && !clusterReady();
  const needsTools = forTests && !manifestToolsReady();
  const needsBrowser = forTests && !browserReady();
  if (!(needsPackages || needsServers || needsCluster || needsTools || needsBrowser)) return;
  if (needsPackages) tell('Setting up what is missing …');
  const release = await takeLock();
  if (!packagesReady()) await installPackages();
  if (servers && !serversReady(forTests)) await installServers(forTests);
  if (forTests && !manifestToolsReady()) await installManifestTools();
  if (forTests && !browserReady()) await installBrowser();
  if (cluster && !clusterReady()) await installClusterPrograms();
  release();
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
