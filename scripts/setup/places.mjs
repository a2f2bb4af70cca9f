/** Where the set-up keeps what it installs, and which versions it pins. */
import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PNPM_VERSION = '12.21.0';
export const NATS_SERVER_VERSION = '2.14.9';

/** The repository's root folder; the first of Node 20 know no `import.meta.dirname`. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** All that the set-up makes, apart from node_modules, is below this folder. */
export const tools = join(root, '.tools');
export const toolsBin = join(tools, 'bin');
export const pnpmFolder = join(tools, 'pnpm');
export const pnpmBinary = join(pnpmFolder, 'node_modules', '.bin', 'pnpm');
export const installStamp = join(tools, 'install.stamp');
export const serversFile = join(tools, 'servers.json');
export const browserFile = join(tools, 'browser.json');
export const buildFailure = join(tools, 'nats-server-build.failed');

/** Node 24, as pnpm installs it; the services and tests run on it whatever runs npm. */
export const nodeBinary = join(root, 'node_modules', 'node', 'bin', 'node');

/** Folders that hold programs although a plain user's PATH often leaves them out. */
const programFolders = [
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/sbin',
  '/opt/homebrew/bin',
  '/usr/local/go/bin',
];

/**
 * The absolute path of a program, or undefined when no folder of PATH has it.
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...programFolders];
  return folders
    .filter((folder) => folder !== '' && !folder.includes('node_modules'))
    .map((folder) => resolve(folder, name))
    .find((path) => existsSync(path));
}
