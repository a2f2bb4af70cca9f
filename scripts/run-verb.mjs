/** Runs one of the repository's commands on Node 24, after setting up what it needs. */
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { nodeBinary, root } from './setup/places.mjs';
import { setUpOrExit } from './setup/set-up.mjs';
import { whenUnread } from './unread.mjs';

const cli = [nodeBinary, join(root, 'services/cli/src/main.ts')];
const binFolder = join(root, 'node_modules/.bin');
const vitest = [nodeBinary, join(root, 'scripts/vitest.mjs'), 'run'];

const EXIT_USAGE = 64;

/**
 * @typedef {{
 *   command: string[], servers?: boolean, forTests?: boolean, cluster?: boolean,
 *   anywhere?: boolean, about?: string
 * }} Verb
 *   `anywhere`: file arguments are meant from where the person is, not from the repository;
 *   `about`: what a command without options does, which is then its help
 * @type {Record<string, Verb>}
 */
const verbs = {
  flyball: { command: cli, servers: true, anywhere: true },
  demo: { command: [...cli, 'demo'], servers: true, anywhere: true },
  conformance: { command: [...cli, 'conformance'], anywhere: true },
  bench: { command: [nodeBinary, join(root, 'test/bench/main.ts')], servers: true },
  mutations: { command: [nodeBinary, join(root, 'test/mutation/main.ts')] },
  faults: { command: [nodeBinary, join(root, 'test/faults/main.ts')], servers: true },
  soak: { command: [nodeBinary, join(root, 'test/soak/main.ts')], servers: true },
  sim: { command: [nodeBinary, join(root, 'test/simulation/main.ts')] },
  fuzz: {
    command: [nodeBinary, join(root, 'test/fuzz/main.ts')],
    servers: true,
    forTests: true,
  },
  generate: {
    command: [nodeBinary, join(root, 'scripts/generate.mjs')],
    about: 'Writes every document that is made from code.',
  },
  bundle: { command: [nodeBinary, join(root, 'scripts/bundle.mjs')], anywhere: true },
  check: {
    command: [nodeBinary, join(root, 'scripts/check.mjs')],
    about: 'Checks style, types and what nobody uses; the exit code is 1 when something is wrong.',
  },
  test: {
    command: [nodeBinary, join(root, 'scripts/test.mjs')],
    servers: true,
    forTests: true,
    cluster: true,
    about:
      'Runs every check and every test, for ten minutes or more, and ends with a line\n' +
      '`N passed, N failed`.\n' +
      'Some of them: npm run test:story, test:house, test:traces, test:simulation,\n' +
      'test:integration, test:e2e, test:console, test:kubernetes; each takes a part of a file\n' +
      'name and options of vitest.',
  },
  'test:story': { command: [...vitest, '--project', 'story'] },
  'test:house': { command: [...vitest, '--project', 'house'] },
  'test:simulation': { command: [...vitest, '--project', 'simulation'] },
  'test:traces': { command: [...vitest, '--project', 'traces'] },
  'test:integration': {
    command: [...vitest, '--project', 'integration'],
    servers: true,
    forTests: true,
  },
  'test:e2e': { command: [...vitest, '--project', 'e2e'], servers: true },
  'test:console': {
    command: [...vitest, '--project', 'console'],
    servers: true,
    forTests: true,
  },
  screenshots: {
    command: [nodeBinary, join(root, 'test/console/main.ts')],
    servers: true,
    forTests: true,
    anywhere: true,
  },
  'tilt:check': {
    command: [...vitest, '--project', 'integration', 'test/integration/tilt'],
    servers: true,
  },
  'test:kubernetes': {
    command: [nodeBinary, join(root, 'test/kubernetes/main.ts')],
    servers: true,
    forTests: true,
    cluster: true,
  },
};

/**
 * Runs the command in our place: its output, its exit code, its signals.
 * @param {readonly string[]} command
 * @param {string} folder
 */
function runInOurPlace([program, ...args], folder) {
  const path = [binFolder, dirname(nodeBinary), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path };
  const child = spawn(/** @type {string} */ (program), args, {
    cwd: folder,
    env,
    stdio: 'inherit',
  });
  // A terminal's Ctrl-C reaches the child by itself; sent again it would be taken for a second one.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.once('error', (error) => {
    process.stderr.write(`${program} cannot be started: ${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/**
 * A command without options tells what it does, or what it cannot take, without any set-up.
 * @param {string} name
 * @param {string} about
 * @param {readonly string[]} args
 */
function answerWithoutOptions(name, about, args) {
  const usage = `npm ${name === 'test' ? name : `run ${name}`}\n${about}\n`;
  if (wantsHelp(args)) process.stdout.write(usage);
  else {
    process.stderr.write(`It takes no options, and was given ${args.join(' ')}.\n\n${usage}`);
    process.exitCode = EXIT_USAGE;
  }
}

/** @param {readonly string[]} args */
const wantsHelp = (args) => args.includes('--help') || args.includes('-h');

const [name = '', ...args] = process.argv.slice(2);
const verb = verbs[name];
whenUnread(() => process.exit(0));
if (verb === undefined) {
  const known = Object.keys(verbs).join(', ');
  process.stderr.write(`"${name}" is not a command here. Known: ${known}\n`);
  process.exitCode = EXIT_USAGE;
} else if (verb.about !== undefined && args.length > 0) {
  answerWithoutOptions(name, verb.about, args);
} else {
  // The text of a help needs the packages that print it, and no server.
  const servers = verb.servers === true && !wantsHelp(args);
  const forTests = servers && verb.forTests === true;
  await setUpOrExit({ servers, forTests, cluster: verb.cluster === true });
  const folder = verb.anywhere === true ? (process.env.INIT_CWD ?? process.cwd()) : root;
  runInOurPlace([...verb.command, ...args], folder);
}
