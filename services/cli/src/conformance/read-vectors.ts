/** Finds and reads the vectors of a directory: which files there are, and the case of each line. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import { z } from 'zod';
import { type Vector, type VectorKind, vectorSchemas } from './vector-schemas.ts';

/** One case, told apart by its kind. */
export type ReadVector = {
  [Kind in VectorKind]: { readonly kind: Kind; readonly vector: Vector<Kind> };
}[VectorKind];

/** A case, or what is wrong with the text that should have been one. */
export type VectorLine =
  | { readonly name: string; readonly read: ReadVector }
  | { readonly name: string; readonly malformed: string };

export interface VectorFile {
  /** Below the directory: `config.jsonl`, `scale`. */
  readonly file: string;
  readonly lines: readonly VectorLine[];
}

const scaleFolder = 'scale';

/** By file, what each line of it is. */
const lineFiles: Readonly<Record<string, VectorKind>> = {
  'scale-random.jsonl': 'scale',
  'resolve.jsonl': 'resolve',
  'config.jsonl': 'config',
  'annotations.jsonl': 'annotations',
  'lifecycle.jsonl': 'lifecycle',
};

export const vectorFileNames: readonly string[] = [
  `${scaleFolder}/*.json`,
  ...Object.keys(lineFiles),
];

const unreadable = (path: string, error: unknown): OutsideError => {
  const { code } = error as NodeJS.ErrnoException;
  const message = `Cannot read ${path} (${code}). Name a directory of vectors.`;
  return new OutsideError('FILE_UNREADABLE', message, { retriable: false, cause: error });
};

const namesIn = async (path: string): Promise<string[]> => {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    throw unreadable(path, error);
  }
};

const textOf = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
};

const readLine = (kind: VectorKind, place: string, text: string): VectorLine => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { name: place, malformed: `it is not JSON: ${error.message}` };
  }
  const parsed = vectorSchemas[kind].safeParse(json);
  if (!parsed.success) return { name: place, malformed: z.prettifyError(parsed.error) };
  return { name: parsed.data.name, read: { kind, vector: parsed.data } as ReadVector };
};

const readLines = async (directory: string, file: string): Promise<VectorFile | undefined> => {
  const kind = lineFiles[file];
  if (kind === undefined) return undefined;
  const lines = (await textOf(join(directory, file))).split('\n').flatMap((text, index) => {
    if (text.trim() === '') return [];
    return [readLine(kind, `line ${index + 1}`, text)];
  });
  return { file, lines };
};

const readFolder = async (directory: string, folder: string): Promise<VectorFile> => {
  const names = await namesIn(join(directory, folder));
  const lines = names
    .filter((name) => name.endsWith('.json'))
    .map(async (name) =>
      readLine('scale', basename(name, '.json'), await textOf(join(directory, folder, name))),
    );
  return { file: folder, lines: await Promise.all(lines) };
};

/**
 * Every file of vectors that the directory has; empty when it has none. Rejects with
 * FILE_UNREADABLE when it is not there.
 */
export const readVectors = async (directory: string): Promise<readonly VectorFile[]> => {
  const names = await namesIn(directory);
  const files: VectorFile[] = [];
  if (names.includes(scaleFolder)) files.push(await readFolder(directory, scaleFolder));
  for (const name of Object.keys(lineFiles)) {
    const file = names.includes(name) ? await readLines(directory, name) : undefined;
    if (file !== undefined) files.push(file);
  }
  return files.filter(({ lines }) => lines.length > 0);
};
