/** `apply` and `lint`: workloads and settings from YAML, all problems at once. */

import { type WorkloadKey, workloadKey } from '@flyball/contracts';
import type { LocalPlatformAdmin } from '@flyball/platform';
import { type Context, exitCode } from '../context.ts';
import { counted } from '../output/counted.ts';
import { connectPlatform, findRunning } from '../running.ts';
import { countComplaints, type FilesRead, readFiles, sayComplaints } from './read-files.ts';

export interface FileOptions {
  readonly file: readonly string[];
  readonly commands?: string | undefined;
  /** Warnings count as errors. */
  readonly strict: boolean;
}

/**
 * Reads and judges the files, under the platform's `config-autoscaler` unless they bring their own;
 * undefined when nothing of them may be applied.
 */
export const checkFiles = async (
  { terminal }: Context,
  options: FileOptions,
  configInForce?: Readonly<Record<string, string>>,
): Promise<FilesRead | undefined> => {
  const files = await readFiles(options.file, options.commands, configInForce);
  sayComplaints(terminal, files.complaints);
  const strictly = options.strict && files.complaints.some(({ severity }) => severity !== 'advice');
  if (!files.refused && !strictly) return files;
  terminal.note(`${countComplaints(files.complaints)}. Nothing was applied.`);
  return undefined;
};

/** Gives every manifest to the platform, the settings first: they hold for the workloads. */
export const applyManifests = async (
  { terminal }: Context,
  platform: LocalPlatformAdmin,
  { manifests }: FilesRead,
): Promise<void> => {
  for (const manifest of manifests) {
    if (manifest.kind !== 'ConfigMap') continue;
    await platform.configure(manifest.data);
    terminal.line(`configmap/${manifest.name} configured`);
  }
  for (const manifest of manifests) {
    if (manifest.kind === 'ConfigMap') continue;
    await platform.apply(manifest);
    const workload = workloadKey(manifest.namespace, manifest.name);
    terminal.line(`${manifest.kind.toLowerCase()}/${workload} applied`);
  }
};

/** `flyball apply -f FILE`. */
export const apply = async (
  context: Context,
  options: FileOptions & { readonly data: string },
): Promise<number> => {
  const platform = connectPlatform(await findRunning(options.data));
  try {
    const files = await checkFiles(context, options, await platform.config());
    if (files === undefined) return exitCode.no;
    await applyManifests(context, platform, files);
  } finally {
    await platform.close();
  }
  return exitCode.ok;
};

/** `flyball lint -f FILE`: the same checks, nothing applied, no running Flyball needed. */
export const lint = async (context: Context, options: FileOptions): Promise<number> => {
  const files = await readFiles(options.file, options.commands);
  sayComplaints(context.terminal, files.complaints);
  const strictly = options.strict && files.complaints.some(({ severity }) => severity !== 'advice');
  const { length } = files.manifests;
  context.terminal.line(`${counted(length, 'object')}, ${countComplaints(files.complaints)}`);
  return files.refused || strictly ? exitCode.no : exitCode.ok;
};

/** `flyball delete NS/NAME`: its pods drain, its history stays. */
export const remove = async (
  { terminal }: Context,
  { workload, data }: { readonly workload: WorkloadKey; readonly data: string },
): Promise<number> => {
  const platform = connectPlatform(await findRunning(data));
  try {
    if (await platform.delete(workload)) {
      terminal.line(`${workload} deleted`);
      return exitCode.ok;
    }
    const known = await platform.workloads();
    const names = known.map((seen) => seen.workload).join(', ') || 'none';
    terminal.note(`There is no workload ${workload}. Workloads here: ${names}.`);
    return exitCode.no;
  } finally {
    await platform.close();
  }
};
