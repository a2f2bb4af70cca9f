/** A file of JSON lines: what was appended survives a kill of this process. */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import writeFileAtomic from 'write-file-atomic';
import type { z } from 'zod';

interface Journal<Entry> {
  /** Written when it returns (to the page cache: it survives us, not the machine's power). */
  append(entry: Entry): void;
  /** Puts these entries in the place of all, on disk as a whole or not at all. */
  rewrite(entries: readonly Entry[]): void;
  /** Lines in the file now. */
  readonly lines: number;
  close(): void;
}

export interface OpenedJournal<Entry> {
  readonly journal: Journal<Entry>;
  readonly entries: readonly Entry[];
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const noSpaceCodes = ['ENOSPC', 'EDQUOT'];

const diskError = (error: unknown, path: string): unknown => {
  if (!noSpaceCodes.includes(codeOf(error))) return error;
  const message = `cannot write ${path}: no space is left; free some, then try again`;
  return new OutsideError('DISK_FULL', message, { retriable: true, cause: error });
};

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const unreadable = (path: string, line: number, reason: string): OutsideError =>
  new OutsideError(
    'PLATFORM_REFUSED',
    `${path} line ${line} cannot be read (${reason}); move the file away to start without it`,
    { retriable: false },
  );

interface Read<Entry> {
  readonly entries: readonly Entry[];
  /** The file does not end with a whole line. */
  readonly torn: boolean;
}

/** All whole lines; the last one may be torn by a kill in the middle of its write. */
const readEntries = <Entry>(path: string, schema: z.ZodType<Entry>): Read<Entry> => {
  const lines = readText(path).split('\n');
  const rest = lines.pop() ?? '';
  const entries = lines.map((line, index) => {
    const parsed = schema.safeParse(parseJson(line));
    if (parsed.success) return parsed.data;
    throw unreadable(path, index + 1, parsed.error.issues[0]?.message ?? 'unknown');
  });
  const last = schema.safeParse(parseJson(rest));
  return { entries: last.success ? [...entries, last.data] : entries, torn: rest !== '' };
};

/**
 * Appends one line to an open file. A short or failed write is taken back, so that the next line
 * starts on its own; throws OutsideError DISK_FULL without space.
 */
export const appendLine = (file: number, path: string, line: string): void => {
  const { size } = fstatSync(file);
  const bytes = Buffer.from(`${line}\n`);
  try {
    if (writeSync(file, bytes) === bytes.length) return;
    throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
  } catch (error) {
    if (fstatSync(file).size !== size) ftruncateSync(file, size);
    throw diskError(error, path);
  }
};

const replaceFile = (path: string, entries: readonly unknown[]): void => {
  const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  try {
    writeFileAtomic.sync(path, text, { mode: 0o600 });
  } catch (error) {
    throw diskError(error, path);
  }
};

/**
 * Opens or makes the file. Throws OutsideError DISK_FULL without space, and PLATFORM_REFUSED when a
 * line other than the last one cannot be read.
 */
export const openJournal = <Entry>(
  path: string,
  schema: z.ZodType<Entry>,
): OpenedJournal<Entry> => {
  mkdirSync(dirname(path), { recursive: true });
  const { entries, torn } = readEntries(path, schema);
  if (torn) replaceFile(path, entries);
  let file = openSync(path, 'a', 0o600);
  let lines = entries.length;
  const journal: Journal<Entry> = {
    append: (entry) => {
      appendLine(file, path, JSON.stringify(entry));
      lines += 1;
    },
    rewrite: (kept) => {
      replaceFile(path, kept);
      closeSync(file);
      file = openSync(path, 'a', 0o600);
      lines = kept.length;
    },
    get lines() {
      return lines;
    },
    close: () => closeSync(file),
  };
  return { journal, entries };
};
