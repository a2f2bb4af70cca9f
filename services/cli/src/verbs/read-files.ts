/** Judges the YAML files of `apply`, `lint`, `up` and `demo`, with every complaint at once. */
import { resolve } from 'node:path';
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
import { counted } from '@flyball/reading';
import type { Terminal } from '../output/terminal.ts';
import { type ReadInput, readGiven, readText } from './read-given.ts';

export interface FilesRead {
  readonly manifests: ReadManifests['objects'];
  /** What the workloads were judged under. */
  readonly config: ReadManifests['config'];
  readonly complaints: readonly Complaint[];
  /** Something is refused: nothing of it may be applied. */
  readonly refused: boolean;
}

const nowhere = { line: 0, column: 0, path: '', key: '', value: '' };

const noObjectIn = (files: readonly string[]): Complaint => ({
  ...{ ...nowhere, keys: [], severity: 'warning', file: files.join(', ') },
  message: 'There is no workload and no config-autoscaler in it.',
  allowed: 'Service (serving.knative.dev), Deployment (apps/v1), ConfigMap (v1)',
});

interface Table {
  readonly commands: CommandTable;
  readonly complaints: readonly Complaint[];
  /** False when it was named and cannot be read. */
  readonly isKnown: boolean;
}

const readTable = async (file: string | undefined): Promise<Table> => {
  if (file === undefined) return { commands: new Map(), complaints: [], isKnown: true };
  const read = await readText(file);
  if ('text' in read) return { ...readCommands(read), isKnown: true };
  return { commands: new Map(), complaints: [read], isKnown: false };
};

export interface ReadingRules {
  /** The file of the image→command table. */
  readonly commands?: string | undefined;
  /** The platform's `config-autoscaler`, where the files bring none; by default Knative's own. */
  readonly configInForce?: Readonly<Record<string, string>> | undefined;
  /** False when nothing is to be started on this machine; by default true. */
  readonly needsCommand?: boolean | undefined;
  /** Reads standard input, which `-` stands for. */
  readonly input: ReadInput;
}

/** Reads all files and folders as one input. */
export const readFiles = async (
  files: readonly string[],
  { commands: commandsFile, configInForce = {}, needsCommand = true, input }: ReadingRules,
): Promise<FilesRead> => {
  const table = await readTable(commandsFile);
  const given = await readGiven(files, input);
  // It may lie in a folder of manifests, and is none.
  const isTable = (file: string): boolean =>
    commandsFile !== undefined && resolve(file) === resolve(commandsFile);
  const { objects, config, complaints } = readAllManifests(
    given.flatMap(({ texts }) => texts).filter(({ file }) => !isTable(file)),
    {
      commands: table.commands,
      config: parseConfigAutoscaler(configInForce).config,
      folders: given.flatMap(({ folders }) => folders),
      // What a table that cannot be read would say is not known: that it says nothing, neither.
      needsCommand: needsCommand && table.isKnown,
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
    terminal.note(formatComplaint(complaint), styleOf[complaint.severity]);
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
