/** Builds the programs of the control plane once, from the Go modules that go.mod pins. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, constants, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type PartName, packageOf, partNames } from './parts.ts';

const module = import.meta.dirname;
const buildLimitMs = 2_400_000;
const lockWaitMaxMs = 2_400_000;
const lockPollMs = 500;
const stillBuildingEveryMs = 30_000;
const outputKeptMax = 4_000;
/** Where Go is often installed although PATH does not say so. */
const goFolders = ['/usr/local/go/bin', '/usr/lib/go/bin', '/opt/homebrew/bin'];

/** Told one line at a time while it takes its minutes. */
export type Tell = (line: string) => void;

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

const cacheRoot = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'flyball/control-plane');

/** Another go.mod or go.sum is another folder: going back to an earlier one builds nothing. */
const programsFolder = async (): Promise<string> => {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(module, file)));
  return join(cacheRoot(), hash.digest('hex').slice(0, 16));
};

const missingIn = async (folder: string): Promise<readonly PartName[]> => {
  const there = await Promise.all(partNames.map((part) => isExecutable(join(folder, part))));
  return partNames.filter((_, index) => !there[index]);
};

const findGo = async (): Promise<string | undefined> => {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...goFolders]) {
    if (folder !== '' && (await isExecutable(join(folder, 'go')))) return join(folder, 'go');
  }
  return undefined;
};

/** Why the programs cannot be had on this machine; undefined when they can. */
export const programsRefused = async (): Promise<string | undefined> => {
  const missing = await missingIn(await programsFolder());
  if (missing.length === 0 || (await findGo()) !== undefined) return undefined;
  return `${missing.join(', ')} are not built yet, and Go (1.26 or newer) is not installed`;
};

/** Runs Go to its end; what it says is shown only when it fails. */
const runGo = (go: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
    const child = spawn(go, args, { cwd: module, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const end = () => child.kill('SIGTERM');
    process.once('exit', end);
    const timer = setTimeout(end, buildLimitMs);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-outputKeptMax);
      });
    }
    child.once('error', reject).once('close', (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      if (code === 0) resolve(said.trim());
      else reject(new Error(`go ${args.join(' ')} ended with ${code}:\n${said.trim()}`));
    });
  });

const build = async (go: string, part: PartName, folder: string): Promise<void> => {
  const version = await runGo(go, ['list', '-m', '-f', '{{.Version}}', 'k8s.io/kubernetes']);
  const [major = '', minor = ''] = version.replace(/^v/, '').split('.');
  const stamp = 'k8s.io/component-base/version';
  // Unless it is told its version the API server calls itself v0.0.0-master.
  const stamps = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(stamps).map(([key, value]) => `-X ${stamp}.${key}=${value}`);
  const unfinished = join(folder, `.${part}.${process.pid}`);
  const linker = `-ldflags=-s -w ${flags.join(' ')}`;
  try {
    const how = ['-buildvcs=false', '-trimpath', linker, '-o', unfinished];
    await runGo(go, ['build', ...how, packageOf[part]]);
    await rename(unfinished, join(folder, part));
  } finally {
    await rm(unfinished, { force: true });
  }
};

const buildTelling = async (go: string, part: PartName, folder: string, tell: Tell) => {
  const startMs = performance.now();
  const seconds = () => Math.round((performance.now() - startMs) / 1_000);
  tell(`building ${part} …`);
  const still = setInterval(() => {
    tell(`still building ${part}, for ${seconds()} s now …`);
  }, stillBuildingEveryMs);
  try {
    await build(go, part, folder);
  } finally {
    clearInterval(still);
  }
  tell(`built ${part} in ${seconds()} s`);
};

const holderLives = async (lock: string): Promise<boolean> => {
  try {
    process.kill(Number(await readFile(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Two builds at once would take twice as long each: the second one waits for the first. */
const withLock = async (folder: string, tell: Tell, work: () => Promise<void>): Promise<void> => {
  const lock = join(folder, 'build.lock');
  for (let waitedMs = 0; waitedMs <= lockWaitMaxMs; waitedMs += lockPollMs) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      return await work().finally(() => rm(lock, { force: true }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!(await holderLives(lock))) await rm(lock, { force: true });
    else if (waitedMs === 0) tell('another build is running here; waiting for it …');
    await wait(lockPollMs);
  }
  throw new Error(`Another build has held ${lock} for too long. Remove it and try again.`);
};

/**
 * The folder with all programs; builds what is missing, which takes minutes the first time.
 * Rejects with what Go said when a build fails.
 */
export const buildPrograms = async (tell: Tell): Promise<string> => {
  const folder = await programsFolder();
  if ((await missingIn(folder)).length === 0) return folder;
  const go = await findGo();
  if (go === undefined) throw new Error(`${await programsRefused()}.`);
  await mkdir(folder, { recursive: true });
  await withLock(folder, tell, async () => {
    const missing = await missingIn(folder);
    if (missing.length === 0) return;
    tell(`${missing.join(', ')}: built once, from source; a first time takes 5 to 20 minutes.`);
    for (const part of missing) await buildTelling(go, part, folder, tell);
  });
  return folder;
};
