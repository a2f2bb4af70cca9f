/** What the benchmark needs from the machine: programs on PATH, ours built with Go. */
import { execFile } from 'node:child_process';
import { accessSync, constants, cpSync, mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const builtFolder = join(root, '.tools/bench');
const buildLimitMs = 120_000;
const knativeLimitMs = 900_000;

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where the program is, or undefined; Go and servers are often beside PATH. */
export const findProgram = (name: string, path: string): string | undefined =>
  [...path.split(delimiter), '/usr/sbin', '/usr/local/go/bin', builtFolder]
    .map((folder) => join(folder, name))
    .find(isProgram);

const goProgram = (path: string): string | undefined => findProgram('go', path);

/** Builds one of the programs in `go/`; undefined when there is no Go here. */
export const buildGo = async (name: string, path: string): Promise<string | undefined> => {
  const go = goProgram(path);
  if (go === undefined) return undefined;
  mkdirSync(builtFolder, { recursive: true });
  const built = join(builtFolder, name);
  const options = { cwd: join(import.meta.dirname, 'go'), timeout: buildLimitMs };
  await run(go, ['build', '-o', built, `./${name}`], options);
  return built;
};

/** Name of the built program with Knative's own request path. */
export const knativeChain = 'knative-chain';
/** Its newest version that could be built from the module proxy alone. */
const knativeModule = 'knative.dev/serving/pkg/queue/sharedmain@v0.50.0';

/** Fetches Knative's modules and builds its chain; takes minutes. Undefined when there is no Go. */
export const buildKnativeChain = async (path: string): Promise<string | undefined> => {
  const go = goProgram(path);
  if (go === undefined) return undefined;
  // In a copy, because fetching writes into go.mod.
  const folder = join(builtFolder, 'go-knative');
  cpSync(join(import.meta.dirname, 'go-knative'), folder, { recursive: true });
  const options = { cwd: folder, timeout: knativeLimitMs };
  const built = join(builtFolder, knativeChain);
  await run(go, ['get', knativeModule], options);
  await run(go, ['build', '-mod=mod', '-o', built, '.'], options);
  return built;
};
