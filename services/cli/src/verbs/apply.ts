/** `apply` and `lint`: workloads and settings from YAML, all problems at once. */
import { type WorkloadKey, workloadKey } from '@flyball/contracts';
import type { LocalPlatformAdmin } from '@flyball/platform';
import { counted } from '@flyball/reading';
import { type Context, exitCode } from '../context.ts';
import { connectPlatform, findRunning } from '../running.ts';
import { countComplaints, type FilesRead, readFiles, sayComplaints } from './read-files.ts';

export interface FileOptions {
  readonly file: readonly string[];
  readonly commands?: string | undefined;
  /** Warnings count as errors. */
  readonly strict: boolean;
}

type ForPrograms = FileOptions & { readonly output: 'text' | 'json' };

interface Judged {
  readonly files: FilesRead;
  /** Nothing of the files may be applied. */
  readonly refused: boolean;
}

const judgeFiles = async (
  { input }: Pick<Context, 'input'>,
  { file, commands, strict, forCluster = false }: FileOptions & { readonly forCluster?: boolean },
  configInForce?: Readonly<Record<string, string>>,
): Promise<Judged> => {
  const files = await readFiles(file, {
    ...{ commands, configInForce, input },
    needsCommand: !forCluster,
  });
  const strictly = strict && files.complaints.some(({ severity }) => severity === 'warning');
  return { files, refused: files.refused || strictly };
};

const sayRefused = ({ terminal }: Pick<Context, 'terminal'>, { files }: Judged): void => {
  const why = files.refused ? '' : ', and --strict makes errors of warnings';
  terminal.note(`${countComplaints(files.complaints)}${why}. Nothing was applied.`);
};

/**
 * Reads and judges the files and says what is wrong with them; undefined when nothing of them may
 * be applied.
 */
export const checkFiles = async (
  context: Context,
  options: FileOptions,
): Promise<FilesRead | undefined> => {
  const judged = await judgeFiles(context, options);
  sayComplaints(context.terminal, judged.files.complaints);
  if (!judged.refused) return judged.files;
  sayRefused(context, judged);
  return undefined;
};

/**
 * Gives every manifest to the platform, the settings first: they hold for the workloads. `tell` is
 * given each object as it was taken.
 */
export const applyManifests = async (
  platform: LocalPlatformAdmin,
  { manifests }: FilesRead,
  tell: (object: string, how: 'configured' | 'applied') => void,
): Promise<void> => {
  for (const manifest of manifests) {
    if (manifest.kind !== 'ConfigMap') continue;
    await platform.configure(manifest.data);
    tell(`configmap/${manifest.name}`, 'configured');
  }
  for (const manifest of manifests) {
    if (manifest.kind === 'ConfigMap') continue;
    await platform.apply(manifest);
    const workload = workloadKey(manifest.namespace, manifest.name);
    tell(`${manifest.kind.toLowerCase()}/${workload}`, 'applied');
  }
};

/** `flyball apply -f FILE`. */
export const apply = async (
  context: Context,
  options: ForPrograms & { readonly data: string },
): Promise<number> => {
  const { terminal } = context;
  const asText = options.output === 'text';
  const platform = connectPlatform(await findRunning(options.data));
  const applied: string[] = [];
  try {
    const judged = await judgeFiles(context, options, await platform.config());
    const { complaints } = judged.files;
    if (asText) sayComplaints(terminal, complaints);
    if (!judged.refused) {
      await applyManifests(platform, judged.files, (object, how) => {
        applied.push(object);
        if (asText) terminal.line(`${object} ${how}`);
      });
    } else if (asText) sayRefused(context, judged);
    if (!asText) {
      terminal.line(JSON.stringify({ ok: !judged.refused, applied, complaints }, undefined, 2));
    }
    return judged.refused ? exitCode.no : exitCode.ok;
  } finally {
    await platform.close();
  }
};

export interface LintOptions extends ForPrograms {
  /** An image is enough there: nothing has to say how it is started on this machine. */
  readonly forCluster?: boolean;
}

/** `flyball lint -f FILE`: the same checks, nothing applied, no running Flyball needed. */
export const lint = async (
  context: Pick<Context, 'terminal' | 'input'>,
  options: LintOptions,
): Promise<number> => {
  const { terminal } = context;
  const { files, refused } = await judgeFiles(context, options);
  const { complaints } = files;
  const { length: objects } = files.manifests;
  if (options.output === 'json') {
    terminal.line(JSON.stringify({ ok: !refused, objects, complaints }, undefined, 2));
  } else {
    sayComplaints(terminal, complaints);
    terminal.line(`${counted(objects, 'object')}, ${countComplaints(complaints)}`);
  }
  return refused ? exitCode.no : exitCode.ok;
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
