/** Reads the YAML files of `apply`, `lint`, `up` and `demo`, with every complaint at once. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import {
  type CommandTable,
  type Complaint,
  type ConfigFolder,
  formatComplaint,
  hasErrors,
  type ManifestText,
  parseConfigAutoscaler,
  type ReadManifests,
  readAllManifests,
  readCommands,
} from '@flyball/knative';
import { counted } from '../output/counted.ts';
import type { Terminal } from '../output/terminal.ts';
import { type FolderContents, listFolder } from './read-folder.ts';

export interface FilesRead {
  readonly manifests: ReadManifests['objects'];
  /** What the workloads were judged under. */
  readonly config: ReadManifests['config'];
  readonly complaints: readonly Complaint[];
  /** Something is refused: nothing of it may be applied. */
  readonly refused: boolean;
}

const unreadable = (path: string, error: unknown): OutsideError => {
  const { code, message: why } = error as NodeJS.ErrnoException;
  const message = `Cannot read ${path} (${code ?? why}). Check what -f or --commands were given.`;
  return new OutsideError('FILE_UNREADABLE', message, { retriable: false, cause: error });
};

const read = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
};

const readText = async (file: string): Promise<ManifestText> => ({ file, text: await read(file) });

const contentsOf = async (path: string): Promise<FolderContents | undefined> => {
  try {
    return (await stat(path)).isDirectory() ? await listFolder(path) : undefined;
  } catch (error) {
    throw unreadable(path, error);
  }
};

interface Given {
  readonly texts: readonly ManifestText[];
  readonly folders: readonly ConfigFolder[];
  readonly complaints: readonly Complaint[];
}

const nowhere = { line: 0, column: 0, path: '', key: '', value: '' };

const noObjectIn = (files: readonly string[]): Complaint => ({
  ...{ ...nowhere, keys: [], severity: 'warning', file: files.join(', ') },
  message: 'There is no workload and no config-autoscaler in it.',
  allowed: 'Service (serving.knative.dev), Deployment (apps/v1), ConfigMap (v1)',
});

const nothingIn = (folder: string): Complaint => ({
  ...{ ...nowhere, keys: [], severity: 'error', file: folder },
  message: 'There is nothing to read in this folder.',
  allowed:
    'files *.yaml, *.yml or *.json, or files named after keys of config-autoscaler, ' +
    'as Kubernetes mounts a ConfigMap',
});

const readFolder = async ({ folder, manifests, settings }: FolderContents): Promise<Given> => ({
  texts: await Promise.all(manifests.map(readText)),
  folders:
    settings.length === 0
      ? []
      : [
          {
            folder,
            files: await Promise.all(
              settings.map(async ({ key, file }) => ({ key, file, text: await read(file) })),
            ),
          },
        ],
  complaints: manifests.length + settings.length === 0 ? [nothingIn(folder)] : [],
});

const readGiven = async (path: string): Promise<Given> => {
  const contents = await contentsOf(path);
  if (contents !== undefined) return readFolder(contents);
  return { texts: [await readText(path)], folders: [], complaints: [] };
};

const readTable = async (
  file: string | undefined,
): Promise<{ commands: CommandTable; complaints: readonly Complaint[] }> => {
  if (file === undefined) return { commands: new Map(), complaints: [] };
  return readCommands({ file, text: await read(file) });
};

export interface ReadingRules {
  /** The file of the image→command table. */
  readonly commands?: string | undefined;
  /** The platform's `config-autoscaler`, where the files bring none; by default Knative's own. */
  readonly configInForce?: Readonly<Record<string, string>> | undefined;
  /** False when nothing is to be started on this machine; by default true. */
  readonly needsCommand?: boolean | undefined;
}

/** Reads all files and folders as one input. */
export const readFiles = async (
  files: readonly string[],
  { commands: commandsFile, configInForce = {}, needsCommand }: ReadingRules = {},
): Promise<FilesRead> => {
  const table = await readTable(commandsFile);
  const given = await Promise.all(files.map(readGiven));
  // It may lie in a folder of manifests, and is none.
  const isTable = (file: string): boolean =>
    commandsFile !== undefined && resolve(file) === resolve(commandsFile);
  const { objects, config, complaints } = readAllManifests(
    given.flatMap(({ texts }) => texts).filter(({ file }) => !isTable(file)),
    {
      commands: table.commands,
      config: parseConfigAutoscaler(configInForce).config,
      folders: given.flatMap(({ folders }) => folders),
      needsCommand,
    },
  );
  const missing = given.flatMap((one) => one.complaints);
  const found = [...table.complaints, ...missing, ...complaints];
  const isEmpty = files.length > 0 && objects.length + found.length === 0;
  const all = isEmpty ? [noObjectIn(files)] : found;
  return { manifests: objects, config, complaints: all, refused: hasErrors(all) };
};

const styleOf = { error: 'red', warning: 'yellow', advice: 'cyan' } as const;

/** Says every complaint, errors in red. */
export const sayComplaints = (terminal: Terminal, complaints: readonly Complaint[]): void => {
  for (const complaint of complaints) {
    terminal.note(terminal.styled(styleOf[complaint.severity], formatComplaint(complaint)));
  }
};

/** `2 errors, 1 warning`, and how many pieces of advice. */
export const countComplaints = (complaints: readonly Complaint[]): string => {
  const ofSeverity = (severity: Complaint['severity']): number =>
    complaints.filter((complaint) => complaint.severity === severity).length;
  const advice = ofSeverity('advice');
  const errors = counted(ofSeverity('error'), 'error');
  const faults = `${errors}, ${counted(ofSeverity('warning'), 'warning')}`;
  return advice === 0 ? faults : `${faults}, ${advice} of advice`;
};
