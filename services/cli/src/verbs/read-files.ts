/** Reads the YAML files of `apply`, `lint`, `up` and `demo`, with every complaint at once. */
import { readFile } from 'node:fs/promises';
import { OutsideError } from '@flyball/contracts';
import {
  type CommandTable,
  type Complaint,
  formatComplaint,
  hasErrors,
  parseConfigAutoscaler,
  type ReadManifests,
  readAllManifests,
  readCommands,
} from '@flyball/knative';
import { counted } from '../output/counted.ts';
import type { Terminal } from '../output/terminal.ts';

export interface FilesRead {
  readonly manifests: ReadManifests['objects'];
  readonly complaints: readonly Complaint[];
  /** Something is refused: nothing of it may be applied. */
  readonly refused: boolean;
}

const read = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `Cannot read ${file} (${code}). Check the path given with -f or --commands.`;
    throw new OutsideError('FILE_UNREADABLE', message, { retriable: false, cause: error });
  }
};

const readTable = async (
  file: string | undefined,
): Promise<{ commands: CommandTable; complaints: readonly Complaint[] }> => {
  if (file === undefined) return { commands: new Map(), complaints: [] };
  return readCommands({ file, text: await read(file) });
};

/**
 * Reads all files as one input, with the image→command table of `commandsFile`. Where they bring no
 * `config-autoscaler`, workloads are judged under `configInForce`, by default Knative's own.
 */
export const readFiles = async (
  files: readonly string[],
  commandsFile: string | undefined,
  configInForce: Readonly<Record<string, string>> = {},
): Promise<FilesRead> => {
  const table = await readTable(commandsFile);
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await read(file) })));
  const { objects, complaints } = readAllManifests(texts, {
    commands: table.commands,
    config: parseConfigAutoscaler(configInForce).config,
  });
  const all = [...table.complaints, ...complaints];
  return { manifests: objects, complaints: all, refused: hasErrors(all) };
};

const styleOf = { error: 'red', warning: 'yellow', advice: 'cyan' } as const;

/** Says every complaint, errors in red. */
export const sayComplaints = (terminal: Terminal, complaints: readonly Complaint[]): void => {
  for (const complaint of complaints) {
    terminal.note(terminal.styled(styleOf[complaint.severity], formatComplaint(complaint)));
  }
};

/** `2 errors, 1 warning`. */
export const countComplaints = (complaints: readonly Complaint[]): string => {
  const errors = complaints.filter(({ severity }) => severity === 'error').length;
  const rest = complaints.length - errors;
  return `${counted(errors, 'error')}, ${counted(rest, 'warning')}`;
};
