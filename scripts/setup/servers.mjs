/** Finds or installs nats-server and redis-server, and records where they are. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canUseApt, installWithApt } from './apt.mjs';
import { ask, installEnvironment, runQuietly, SetupError } from './command.mjs';
import {
  buildFailure,
  findProgram,
  NATS_SERVER_VERSION,
  serversFile,
  tools,
  toolsBin,
} from './places.mjs';
import { step, warn } from './progress.mjs';

const BUILD_LIMIT_MS = 900_000;
const BREW_LIMIT_MS = 900_000;
const RETRY_BUILD_AFTER_MS = 3_600_000;

/** @typedef {{ path: string, version: string }} Server */
/** @typedef {{ natsServer: Server[], redisServer: Server | null }} Servers */
/** @typedef {{ name: 'nats-server' | 'redis-server', brew: string, url: string }} Wanted */

/** @type {Wanted} */
const nats = { name: 'nats-server', brew: 'nats-server', url: 'FLYBALL_NATS_URL' };
/** @type {Wanted} */
const redis = { name: 'redis-server', brew: 'redis', url: 'FLYBALL_REDIS_URL' };

const builtNatsServer = join(toolsBin, 'nats-server');

/**
 * @param {string | undefined} path
 * @returns {Server | undefined} undefined when it does not run or does not say its version
 */
function serverAt(path) {
  if (path === undefined || !existsSync(path)) return undefined;
  const version = ask(path, ['--version'])?.match(/(?:: v|v=)(\d+\.\d+\.\d+)/)?.[1];
  return version === undefined ? undefined : { path, version };
}

const isCurrent = (/** @type {Server} */ server) => server.version === NATS_SERVER_VERSION;
const isGiven = (/** @type {Wanted} */ server) => (process.env[server.url] ?? '') !== '';
const isMissing = (/** @type {Wanted} */ server) =>
  serverAt(findProgram(server.name)) === undefined && !isGiven(server);

/**
 * True when everything a run needs is recorded and still where it was.
 * @param {boolean} forTests
 */
export function serversReady(forTests) {
  if (!existsSync(serversFile)) return false;
  /** @type {Servers} */
  const { natsServer, redisServer } = JSON.parse(readFileSync(serversFile, 'utf8'));
  const recorded = redisServer === null ? natsServer : [...natsServer, redisServer];
  return (
    recorded.every((server) => existsSync(server.path)) &&
    (natsServer.length > 0 || isGiven(nats)) &&
    (redisServer !== null || isGiven(redis)) &&
    (!forTests || natsServer.some(isCurrent))
  );
}

/**
 * @param {string} brew
 * @param {readonly Wanted[]} missing
 * @returns {Promise<string>} what was said where it failed, and '' where it did not
 */
async function installWithBrew(brew, missing) {
  const formulas = missing.map((server) => server.brew);
  try {
    await step(`${formulas.join(' and ')}, by brew`, () =>
      runQuietly(brew, ['install', ...formulas], { limitMs: BREW_LIMIT_MS }),
    );
    return '';
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return error.message;
  }
}

/** @returns {Promise<string[]>} what was said by those that could not install what is missing */
async function installMissing() {
  const failures = [];
  const missing = () => [nats, redis].filter(isMissing);
  if (missing().length > 0 && canUseApt()) {
    failures.push(await installWithApt(missing().map((server) => server.name)));
  }
  const brew = findProgram('brew');
  if (missing().length > 0 && brew !== undefined) {
    failures.push(await installWithBrew(brew, missing()));
  }
  return failures.filter((said) => said !== '');
}

/** Builds a current nats-server; the tests run on it beside the one of the distribution. */
async function buildNatsServer() {
  const go = findProgram('go');
  if (go === undefined) return 'no Go found';
  if (existsSync(buildFailure)) {
    const ageMs = Date.now() - statSync(buildFailure).mtimeMs;
    if (ageMs < RETRY_BUILD_AFTER_MS) return `its build failed, see ${buildFailure}`;
  }
  const env = { ...installEnvironment(), GOBIN: toolsBin, GOFLAGS: '', GO111MODULE: 'on' };
  const module = `github.com/nats-io/nats-server/v2@v${NATS_SERVER_VERSION}`;
  try {
    await step(`nats-server ${NATS_SERVER_VERSION}, built by Go (1 to 4 minutes, once)`, () =>
      runQuietly(go, ['install', module], { env, limitMs: BUILD_LIMIT_MS }),
    );
    rmSync(buildFailure, { force: true });
    return '';
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    writeFileSync(buildFailure, `${error.message}\n`);
    return `its build failed, see ${buildFailure}`;
  }
}

/** @param {readonly Wanted[]} missing */
function howToGet(missing) {
  return [
    `Missing: ${missing.map((server) => server.name).join(', ')}. Any one of these helps:`,
    '  Debian, Ubuntu   sudo apt-get install nats-server redis-server',
    '  macOS            brew install nats-server redis',
    '  Docker           docker run -d -p 127.0.0.1:4222:4222 nats:2.14 -js',
    '                   docker run -d -p 127.0.0.1:6379:6379 redis:7',
    '                   then set FLYBALL_NATS_URL=nats://127.0.0.1:4222',
    '                   and FLYBALL_REDIS_URL=redis://127.0.0.1:6379',
  ].join('\n');
}

/** @returns {Servers} what is on this machine now */
function findServers() {
  const found = [findProgram(nats.name), builtNatsServer].map(serverAt);
  return {
    natsServer: found.filter((server) => server !== undefined),
    redisServer: serverAt(findProgram(redis.name)) ?? null,
  };
}

/**
 * Makes both servers available, for tests in two versions of nats-server, and records them.
 * @param {boolean} forTests
 * @returns {Promise<void>} rejects with a SetupError that says how to get what is missing
 */
export async function installServers(forTests) {
  const failures = await installMissing();
  const hasCurrent = findServers().natsServer.some(isCurrent);
  const failure = !hasCurrent && (forTests || isMissing(nats)) ? await buildNatsServer() : '';
  const servers = findServers();
  mkdirSync(tools, { recursive: true });
  writeFileSync(serversFile, `${JSON.stringify(servers, null, 2)}\n`);
  if (forTests && failure !== '') {
    const others = servers.natsServer.map((server) => server.version).join(', ') || 'none';
    warn(`nats-server ${NATS_SERVER_VERSION}: not available (${failure}), suites run on ${others}`);
  }
  const stillMissing = [
    ...(servers.natsServer.length === 0 && !isGiven(nats) ? [nats] : []),
    ...(servers.redisServer === null && !isGiven(redis) ? [redis] : []),
  ];
  if (stillMissing.length === 0) return;
  // The advice last: what was said before it may be long.
  throw new SetupError([...failures, howToGet(stillMissing)].join('\n\n'));
}
