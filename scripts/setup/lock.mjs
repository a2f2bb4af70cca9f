/** The lock of the set-up: two at once would install over each other. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ask, SetupError } from './command.mjs';
import { tools } from './places.mjs';
import { tell } from './progress.mjs';

const WAIT_LIMIT_MS = 900_000;
const POLL_MS = 250;

/** Two set-ups read the start of one process alike, whatever their callers speak and where. */
const sameForAll = { LC_ALL: 'C', TZ: 'UTC' };

const lock = join(tools, 'setup.lock');

/**
 * When a process started, in the system's own words: in a container the next set-up often has the
 * pid of one that was killed.
 * @param {number} pid
 * @returns {string} '' where there is no such process, or only what is left of a killed one
 */
function startOf(pid) {
  if (process.platform !== 'linux') {
    return ask('ps', ['-o', 'lstart=', '-p', String(pid)], sameForAll) ?? '';
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name, which may hold anything; the start is the 22nd.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
    return state === 'Z' ? '' : (rest[18] ?? '');
  } catch {
    return '';
  }
}

const textOf = (/** @type {number} */ pid) => `${pid} ${startOf(pid)}`;

/** @returns {string | undefined} what its holder wrote, or undefined when nobody holds it */
function readLock() {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {string} text */
function removeIfItSays(text) {
  if (readLock() === text) rmSync(lock, { force: true });
}

/** @param {string} text */
function holderLives(text) {
  // Made, and not written yet.
  if (text === '') return true;
  return text === textOf(Number.parseInt(text, 10));
}

/** @param {string} text */
function tryToTake(text) {
  try {
    writeFileSync(lock, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * Waits until no other set-up runs here.
 * @returns {Promise<() => void>} what gives the lock back; so does the end of this process
 */
export async function takeLock() {
  mkdirSync(tools, { recursive: true });
  const ours = textOf(process.pid);
  const startMs = performance.now();
  for (let waited = false; performance.now() - startMs < WAIT_LIMIT_MS; ) {
    if (tryToTake(ours)) {
      const atExit = () => removeIfItSays(ours);
      process.on('exit', atExit);
      return () => {
        process.off('exit', atExit);
        removeIfItSays(ours);
      };
    }
    const theirs = readLock();
    if (theirs !== undefined && !holderLives(theirs)) removeIfItSays(theirs);
    else if (!waited) {
      tell('Another set-up is running here; waiting for it …');
      waited = true;
    }
    await wait(POLL_MS);
  }
  throw new SetupError(`Another set-up has held ${lock} for too long. Remove it and try again.`);
}
