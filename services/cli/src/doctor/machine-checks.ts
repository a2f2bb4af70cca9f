/** What this machine must have before Flyball can run on it. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { findServer, type ServerName } from '../up/find-server.ts';
import { assertPortFree } from '../up/free-port.ts';
import { freeBytesIn, mebibyte } from '../up/free-space.ts';
import { advised, attempt, type Check, failed, passed } from './check.ts';

type Env = Readonly<Record<string, string | undefined>>;

const nodeMajorMin = 24;
/** Less than this and NATS soon cannot store … */
const diskNeededBytes = 200 * mebibyte;
/** … and less than this is worth a word. */
const diskAdvisedBytes = 2048 * mebibyte;

/** Type stripping and the rest of what we use came with this version. */
export const checkNode = (version: string): Check => {
  const part = 'Node.js';
  if (Number(version.split('.')[0]) >= nodeMajorMin) return passed(part, version);
  const mend = `Use Node.js ${nodeMajorMin} or later; \`npm run flyball\` brings its own.`;
  return failed(part, version, mend);
};

const oldestVersions: Readonly<Record<ServerName, readonly [number, number]>> = {
  'nats-server': [2, 9],
  'redis-server': [6, 2],
};

const isNewEnough = (name: ServerName, version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestVersions[name];
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
};

/** A URL without what is secret in it. */
const shownUrl = (url: string): string => url.replace(/\/\/[^@/]*@/, '//…@');

/** The program that `up` would start, or the running one that the environment names. */
export const checkServer = (name: ServerName, env: Env): Promise<Check> => {
  const variable = name === 'nats-server' ? 'FLYBALL_NATS_URL' : 'FLYBALL_REDIS_URL';
  const given = env[variable];
  const mend = `Install ${name}, as \`npm run demo\` does, or give a running one: ${variable}.`;
  return attempt(name, mend, async () => {
    if (given !== undefined) return passed(name, `given by ${variable}: ${shownUrl(given)}`);
    const { path, version } = await findServer(name, env.PATH ?? '');
    if (isNewEnough(name, version)) return passed(name, `${version} (${path})`);
    const oldest = oldestVersions[name].join('.');
    return failed(name, `${version} (${path})`, `Flyball needs ${oldest} or later.`);
  });
};

/** The folder, or the nearest one above it that exists: what has to be made is made there. */
const existingFolder = async (path: string): Promise<string> => {
  try {
    await access(path);
    return path;
  } catch {
    const above = dirname(path);
    return above === path ? path : existingFolder(above);
  }
};

const shownBytes = (bytes: number): string => `${Math.floor(bytes / mebibyte)} MiB free`;

/** Can data be kept there? Makes nothing. */
export const checkDataFolder = async (given: string): Promise<readonly Check[]> => {
  const path = resolve(given);
  const folder = await existingFolder(path);
  const elsewhere = 'Choose another folder with --data DIR or FLYBALL_DATA.';
  try {
    await access(folder, constants.W_OK);
  } catch {
    return [failed('data folder', `${path} cannot be written by this user`, elsewhere)];
  }
  if (!(await stat(folder)).isDirectory()) {
    return [failed('data folder', `${folder} is a file, not a folder`, elsewhere)];
  }
  const made = folder === path ? path : `${path} (will be made)`;
  const freeBytes = await freeBytesIn(folder);
  const mend = 'Free some space, or choose another folder with --data DIR.';
  const disk = () => {
    if (freeBytes < diskNeededBytes) return failed('disk', shownBytes(freeBytes), mend);
    if (freeBytes < diskAdvisedBytes) return advised('disk', shownBytes(freeBytes), mend);
    return passed('disk', shownBytes(freeBytes));
  };
  return [passed('data folder', made), disk()];
};

const checkFree = async (port: number, option: string, mend: string): Promise<Check> => {
  const part = `port ${port}`;
  const check = await attempt(part, mend, async () => {
    await assertPortFree('127.0.0.1', port, option);
    return passed(part, 'free');
  });
  return { ...check, needed: false };
};

/** The port on which `up` serves when it is not told another. */
export const checkPort = (port: number): Promise<Check> =>
  checkFree(port, '--port N', 'Give `up` another one with --port N.');

/** The port of the console of `up`, which goes elsewhere where that is taken. */
export const checkConsolePort = (port: number): Promise<Check> => {
  const mend = 'The console of `up` takes a free one then; --console-port N names one.';
  return checkFree(port, '--console-port N', mend);
};
