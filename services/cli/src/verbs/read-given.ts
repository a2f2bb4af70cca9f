/** Texts behind `-f`: files, folders, standard input; what cannot be read is complained of. */
import { readFile, stat } from 'node:fs/promises';
import type { Complaint, ConfigFolder, ManifestText } from '@flyball/knative';
import { type FolderContents, listFolder } from './read-folder.ts';

/** Reads standard input to its end. */
export type ReadInput = () => Promise<string>;

/** `-f -`, as kubectl has it. */
const standardInput = '-';
/** What complaints call it. */
const inputName = 'standard input';

export interface Given {
  readonly texts: readonly ManifestText[];
  readonly folders: readonly ConfigFolder[];
  readonly complaints: readonly Complaint[];
}

const nowhere = { line: 0, column: 0, path: '', key: '', value: '' };

const whyUnreadable: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'there is no such file or folder',
  EACCES: 'you may not read it',
  EISDIR: 'it is a folder',
};

const unreadable = (file: string, error: unknown): Complaint => {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const why = whyUnreadable[code];
  return {
    ...{ ...nowhere, keys: [], severity: 'error', file, allowed: '' },
    message: `Cannot be read: ${why === undefined ? message : `${why} (${code})`}.`,
  };
};

const nothingIn = (folder: string): Complaint => ({
  ...{ ...nowhere, keys: [], severity: 'error', file: folder },
  message: 'There is nothing to read in this folder.',
  allowed:
    'files *.yaml, *.yml or *.json, or files named after keys of config-autoscaler, ' +
    'as Kubernetes mounts a ConfigMap',
});

const refused = (complaint: Complaint): Given => ({
  ...{ texts: [], folders: [] },
  complaints: [complaint],
});

/** The text of a file, or the complaint that it cannot be read. */
export const readText = async (file: string): Promise<ManifestText | Complaint> => {
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (error) {
    return unreadable(file, error);
  }
};

const isText = (read: ManifestText | Complaint): read is ManifestText => 'text' in read;
const isComplaint = (read: ManifestText | Complaint): read is Complaint => !isText(read);

const readFolder = async ({ folder, manifests, settings }: FolderContents): Promise<Given> => {
  const texts = await Promise.all(manifests.map(readText));
  const values = await Promise.all(settings.map(({ file }) => readText(file)));
  const files = settings.flatMap(({ key }, index) => {
    const value = values[index];
    return value !== undefined && isText(value) ? [{ ...value, key }] : [];
  });
  const isEmpty = manifests.length + settings.length === 0;
  return {
    texts: texts.filter(isText),
    folders: settings.length === 0 ? [] : [{ folder, files }],
    complaints: isEmpty ? [nothingIn(folder)] : [...texts, ...values].filter(isComplaint),
  };
};

const readPath = async (path: string): Promise<Given> => {
  let contents: FolderContents | undefined;
  try {
    contents = (await stat(path)).isDirectory() ? await listFolder(path) : undefined;
  } catch (error) {
    return refused(unreadable(path, error));
  }
  if (contents !== undefined) return readFolder(contents);
  const read = await readText(path);
  return isText(read) ? { texts: [read], folders: [], complaints: [] } : refused(read);
};

const readStandardInput = async (readInput: ReadInput): Promise<Given> => {
  try {
    const text = await readInput();
    return { texts: [{ file: inputName, text }], folders: [], complaints: [] };
  } catch (error) {
    // Somebody has ended the command; there is nobody to complain to.
    if (error instanceof Error && error.name === 'AbortError') throw error;
    return refused(unreadable(inputName, error));
  }
};

/**
 * Reads what each of the names stands for, and complains of all that cannot be read. Rejects only
 * when the command is ended while standard input is read.
 */
export const readGiven = (
  names: readonly string[],
  readInput: ReadInput,
): Promise<readonly Given[]> => {
  // It can be read once only.
  const isAgain = (name: string, index: number): boolean =>
    name === standardInput && names.indexOf(name) !== index;
  return Promise.all(
    names
      .filter((name, index) => !isAgain(name, index))
      .map((name) => (name === standardInput ? readStandardInput(readInput) : readPath(name))),
  );
};
