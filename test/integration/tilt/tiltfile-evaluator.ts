/** Evaluates the Tiltfile without Tilt, by a program built once from the Go sources beside this. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

export const root = resolve(import.meta.dirname, '../../..');
const sources = join(import.meta.dirname, 'evaluator');
const run = promisify(execFile);
const buildLimitMs = 300_000;
const outputBytesMax = 16_777_216;
/** Where Go is often installed although PATH does not say so. */
const goFolders = ['/usr/local/go/bin', '/usr/lib/go/bin', '/opt/homebrew/bin'];

const text = z.string();
const texts = z.array(text).nullish();

const action = z.looseObject({ port: z.int(), host: text, path: text.optional() });
const probeSchema = z.looseObject({
  http_get: action.optional(),
  tcp_socket: action.optional(),
});

const resourceSchema = z.looseObject({
  name: text,
  kind: z.enum(['local', 'k8s']),
  labels: texts,
  cmd: texts,
  serve_cmd: texts,
  dir: text.optional(),
  serve_dir: text.optional(),
  deps: texts,
  resource_deps: texts,
  auto_init: z.boolean().optional(),
  links: z.array(z.looseObject({ url: text })).nullish(),
  readiness_probe: probeSchema.optional(),
  workload: text.optional(),
});

const imageSchema = z.looseObject({
  ref: text,
  dockerfile: text,
  target: text.optional(),
  build_args: z.record(text, text).optional(),
  live_update: z.array(z.looseObject({ kind: text, remote_path: text.optional() })).nullish(),
});

const resultSchema = z.looseObject({
  files: z.array(text),
  resources: z.array(resourceSchema),
  images: z.array(imageSchema).nullable(),
  objects: z.array(z.looseObject({ kind: text, name: text })).nullable(),
  yaml: z
    .array(z.looseObject({ kind: text, name: text, namespace: text, images: texts }))
    .nullable(),
  paths: z
    .array(text)
    .nullable()
    .transform((paths) => paths ?? []),
  enabled: texts,
});

export type Resource = z.infer<typeof resourceSchema>;
export type Evaluated = z.infer<typeof resultSchema>;

export interface Evaluator {
  /** What a Tiltfile, by default ours, makes of arguments; rejects with its error. */
  evaluate(args: readonly string[], tiltfile?: string): Promise<Evaluated>;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export const findProgram = async (name: string): Promise<string | undefined> => {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...goFolders]) {
    if (folder !== '' && (await isThere(join(folder, name)))) return join(folder, name);
  }
  return undefined;
};

/** Other sources are another program. */
const programPath = async (): Promise<string> => {
  const hash = createHash('sha256');
  for (const file of (await readdir(sources)).sort())
    hash.update(await readFile(join(sources, file)));
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'flyball/tiltfile-evaluator', hash.digest('hex').slice(0, 16));
};

const runGo = (go: string, args: readonly string[]) => {
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false' };
  return run(go, args, { cwd: sources, env, timeout: buildLimitMs });
};

/** Why the modules cannot be had, as without a network; undefined when they are there. */
const modulesRefused = async (go: string): Promise<string | undefined> => {
  try {
    await runGo(go, ['mod', 'download']);
    return undefined;
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? error).trim();
    return `the modules of the Tiltfile's evaluator are not to be had: ${said.split('\n').at(-1)}`;
  }
};

const build = async (go: string, path: string): Promise<void> => {
  const unfinished = `${path}.${process.pid}`;
  await mkdir(resolve(path, '..'), { recursive: true });
  try {
    await runGo(go, ['build', '-trimpath', '-o', unfinished, '.']);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
};

/** The evaluator, or why there is none. */
export const openEvaluator = async (): Promise<Evaluator | string> => {
  const path = await programPath();
  if (!(await isThere(path))) {
    const go = await findProgram('go');
    if (go === undefined) return 'the Tiltfile is evaluated by a Go program, and Go is not here';
    const refused = await modulesRefused(go);
    if (refused !== undefined) return refused;
    await build(go, path);
  }
  return {
    evaluate: async (args, tiltfile = join(root, 'Tiltfile')) => {
      const { stdout } = await run(path, [tiltfile, ...args], { maxBuffer: outputBytesMax });
      return resultSchema.parse(JSON.parse(stdout));
    },
  };
};
