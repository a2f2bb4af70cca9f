/** What pods write: one file a process, bounded in size, the last ones kept. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { copyFile, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A log that grew larger is moved to `<file>.1`, in the place of the one before. */
const logBytesMax = 16 * 1_048_576;
/** Logs of pods that are gone, kept for each workload. */
const logsKeptMax = 20;
/** How much of a log's end is read to find its last line. */
const tailBytes = 4_096;
const lastLineCharsMax = 300;

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

/**
 * Opens a log to append to. The pod gets the file itself rather than a pipe, so that it needs
 * nobody to read it: a pod outlives a killed node without a broken pipe.
 */
export const withLogFile = <Value>(path: string, use: (file: number) => Value): Value => {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a');
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
};

/** What Node writes last when it dies of an error: no word of what the error was. */
const nodeEpilogue = /^Node\.js v\d/;
const errorLine = /^(?:Uncaught )?[\w.]*(?:Error|Exception)\b.*:/;

/** The last line that is not empty; where Node ended of an error, the one that says which. */
const tellingLine = (lines: readonly string[]): string => {
  const last = lines.findLast((line) => line !== '') ?? '';
  if (!nodeEpilogue.test(last)) return last;
  return lines.findLast((line) => errorLine.test(line)) ?? last;
};

/** The line at a log's end that tells the most; an empty text when there is none. */
export const lastLineOf = async (path: string): Promise<string> => {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(tailBytes, size));
    await file.read(buffer, 0, buffer.length, size - buffer.length);
    const lines = buffer.toString('utf8').split('\n');
    return tellingLine(lines.map((line) => line.trim())).slice(0, lastLineCharsMax);
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
};

/**
 * Moves a log that is too large out of the way. The pod goes on writing to the same file, which
 * appends: what it writes between the copy and the truncation is lost.
 */
export const rotateLog = async (path: string, bytesMax = logBytesMax): Promise<void> => {
  try {
    const { size } = await stat(path);
    if (size <= bytesMax) return;
    await copyFile(path, `${path}.1`);
    await truncate(path, 0);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
};

/** Removes the oldest logs of a workload's directory beyond the limit; never those in use. */
export const pruneLogs = async (
  directory: string,
  inUse: (file: string) => boolean,
  keptMax = logsKeptMax,
): Promise<void> => {
  const names = await readdir(directory).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const spare = names.map((name) => join(directory, name)).filter((path) => !inUse(path));
  if (spare.length <= keptMax) return;
  const dated = await Promise.all(
    spare.map(async (path) => ({ path, atMs: (await stat(path)).mtimeMs })),
  );
  const oldest = dated.sort((one, other) => other.atMs - one.atMs).slice(keptMax);
  for (const { path } of oldest) await rm(path, { force: true });
};
