/** A folder given with -f: manifests as kubectl takes them, or a mounted config-autoscaler. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isConfigFileName } from '@flyball/knative';

/** What a folder is made of, by the paths that were found in it. */
export interface FolderContents {
  readonly folder: string;
  /** YAML and JSON files, in the order of their names. */
  readonly manifests: readonly string[];
  /** Files whose names are keys of `config-autoscaler`; empty for a folder of manifests alone. */
  readonly settings: readonly { readonly key: string; readonly file: string }[];
}

/** No folder of manifests, and no ConfigMap, has more. */
const mostFiles = 5_000;

const isManifest = (name: string): boolean => /\.(ya?ml|json)$/i.test(name);

/** Kubernetes keeps its own links in a mounted folder: `..data`, `..2026_01_31_…`. */
const isHidden = (name: string): boolean => name.startsWith('.');

/**
 * Sorts out what is in a folder, without its sub-folders. A folder of manifests may hold other
 * files, which are passed over; in a mounted ConfigMap every file is a key. Rejects with the error
 * of the file system, and with a RangeError when there are too many files.
 */
export const listFolder = async (folder: string): Promise<FolderContents> => {
  const names = (await readdir(folder)).filter((name) => !isHidden(name)).sort();
  if (names.length > mostFiles) {
    throw new RangeError(`${folder} holds ${names.length} files; at most ${mostFiles} are read.`);
  }
  const paths = names.map((name) => ({ key: name, file: join(folder, name) }));
  // A link that leads nowhere is complained of when it is read, beside all other complaints.
  const kinds = await Promise.all(paths.map(({ file }) => stat(file).catch(() => undefined)));
  const files = paths.filter((_, index) => kinds[index]?.isDirectory() !== true);
  const manifests = files.filter(({ key }) => isManifest(key)).map(({ file }) => file);
  const others = files.filter(({ key }) => !isManifest(key));
  const isMounted = others.some(({ key }) => isConfigFileName(key));
  const settings =
    manifests.length === 0 ? others : others.filter(({ key }) => isConfigFileName(key));
  return { folder, manifests, settings: isMounted ? settings : [] };
};
