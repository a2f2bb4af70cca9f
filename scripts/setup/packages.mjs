/** Makes pnpm, Node 24 and the packages available, in the versions the repository pins. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ask, installEnvironment, runQuietly, SetupError } from './command.mjs';
import {
  installStamp,
  nodeBinary,
  PNPM_VERSION,
  pnpmBinary,
  pnpmFolder,
  root,
  tools,
} from './places.mjs';
import { step } from './progress.mjs';

const INSTALL_LIMIT_MS = 600_000;

/** Everything the install depends on; when it changes, packages are installed again. */
function fingerprint() {
  const hash = createHash('sha256').update(PNPM_VERSION);
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) {
    hash.update(readFileSync(join(root, name)));
  }
  return hash.digest('hex');
}

/** True when pnpm, Node 24 and the packages are there and belong to this lockfile. */
export function packagesReady() {
  return (
    existsSync(pnpmBinary) &&
    existsSync(nodeBinary) &&
    existsSync(installStamp) &&
    readFileSync(installStamp, 'utf8') === fingerprint()
  );
}

/** The npm that runs us, else the one on PATH: as a command and its first arguments. */
function npmCommand() {
  const running = process.env.npm_execpath;
  return running !== undefined && basename(running) === 'npm-cli.js' && existsSync(running)
    ? { command: process.execPath, first: [running] }
    : { command: 'npm', first: [] };
}

async function installPnpm() {
  mkdirSync(pnpmFolder, { recursive: true });
  writeFileSync(join(pnpmFolder, 'package.json'), '{ "private": true }\n');
  const npm = npmCommand();
  const flags = [
    ...['--prefix', pnpmFolder, '--global=false', '--no-save', '--package-lock=false'],
    ...['--omit=dev', '--include=optional', '--ignore-scripts=false', '--dry-run=false'],
    ...['--no-audit', '--no-fund', '--workspaces=false', '--loglevel=error'],
  ];
  await runQuietly(npm.command, [...npm.first, 'install', ...flags, `pnpm@${PNPM_VERSION}`], {
    limitMs: INSTALL_LIMIT_MS,
  });
}

/** pnpm ends well although the script that fetches Node may have been switched off: run it. */
async function fetchNode() {
  const folder = dirname(dirname(nodeBinary));
  const change = `process.chdir(${JSON.stringify(folder)})`;
  const script = `${change}; require('./installArchSpecificPackage')`;
  const env = { ...installEnvironment(), npm_config_ignore_scripts: 'false' };
  await runQuietly(process.execPath, ['-e', script], { env, limitMs: INSTALL_LIMIT_MS });
  if (existsSync(nodeBinary)) return;
  throw new SetupError(
    `${nodeBinary} is missing after the install. Remove node_modules and try again.`,
  );
}

/** Installs what is missing of pnpm, the packages and Node 24. Rejects with a SetupError. */
export async function installPackages() {
  if (ask(pnpmBinary, ['--version']) !== PNPM_VERSION) {
    await step(`pnpm ${PNPM_VERSION}`, installPnpm);
  }
  const stamp = fingerprint();
  await step('packages and Node 24, by the lockfile', async () => {
    const env = { ...installEnvironment(), CI: 'true' };
    const args = ['install', '--frozen-lockfile', '--optional', '--no-ignore-scripts'];
    await runQuietly(pnpmBinary, args, { env, limitMs: INSTALL_LIMIT_MS });
    if (!existsSync(nodeBinary)) await fetchNode();
  });
  mkdirSync(tools, { recursive: true });
  writeFileSync(installStamp, stamp);
}
