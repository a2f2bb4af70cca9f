/** The ConfigMap as Kubernetes mounts it: a folder with one file for each key. */
import { type Complaint, complaintAt, type Locate } from './complaint.ts';
import type { ConfigManifest } from './manifest.ts';
import { isConfigKey } from './parse-config-autoscaler.ts';

export interface ConfigFile {
  /** The file's name, which is the key. */
  readonly key: string;
  /** As complaints are to name it. */
  readonly file: string;
  readonly text: string;
}

export interface ConfigFolder {
  /** As complaints are to name it. */
  readonly folder: string;
  readonly files: readonly ConfigFile[];
}

/** Does a file name tell that its folder is a mounted `config-autoscaler`? */
export const isConfigFileName = (name: string): boolean => isConfigKey(name);

/** A file ends with a line end that its author did not mean as part of the value. */
const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, '');

export interface ReadConfigFolder {
  readonly manifest: ConfigManifest;
  readonly locate: Locate;
  readonly refuseName: (message: string) => void;
  readonly complaints: Complaint[];
}

/** The folder as the ConfigMap that it is the mount of; its keys stand in line 1 of their files. */
export const readConfigFolder = ({ folder, files }: ConfigFolder): ReadConfigFolder => {
  const texts = files.map(({ key, text }) => [key, withoutLineEnd(text)] as const);
  const fileOf = new Map(files.map(({ key, file }) => [key, file]));
  const locate: Locate = (key) => ({
    file: fileOf.get(key) ?? folder,
    line: fileOf.has(key) ? 1 : 0,
    column: fileOf.has(key) ? 1 : 0,
    path: '',
  });
  const complaints: Complaint[] = [];
  const name = 'config-autoscaler';
  return {
    manifest: {
      kind: 'ConfigMap',
      namespace: 'default',
      name,
      data: Object.fromEntries(texts),
      source: { file: folder, line: 0 },
    },
    locate,
    refuseName: (message) => {
      const fault = { severity: 'error', key: '', value: '', message } as const;
      complaints.push(complaintAt(locate(''), fault));
    },
    complaints,
  };
};
