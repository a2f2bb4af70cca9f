/** The bundled services, as an image has them: one file each, away from the repository. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../../..');
/** As in the images. */
const nodeOptions = ['--max-semi-space-size=16'];

export interface Bundles extends AsyncDisposable {
  readonly folder: string;
  readonly services: readonly string[];
}

export interface LogLine {
  readonly level: number | string;
  readonly msg: string;
  readonly healthUrl?: string;
}

export interface BundledProcess extends AsyncDisposable {
  /** Lines of its log so far. */
  readonly log: readonly LogLine[];
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
}

/** Bundles services, all of them by default, into a folder; disposing removes it. */
export const makeBundles = async (...services: readonly string[]): Promise<Bundles> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-bundles-'));
  const script = join(root, 'scripts/bundle.mjs');
  const args = [script, '--out', folder, ...services];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return {
    folder,
    services: stdout
      .trim()
      .split('\n')
      .filter((line) => line.endsWith('.mjs'))
      .map((path) => basename(path, '.mjs')),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
};

const endNow = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
};

/** Runs a bundle with nothing in its environment but what is given. */
export const runBundle = (
  { folder }: Bundles,
  service: string,
  env: Readonly<Record<string, string>>,
): BundledProcess => {
  const child = spawn(process.execPath, [...nodeOptions, join(folder, `${service}.mjs`)], {
    cwd: folder,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const log: LogLine[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => log.push(JSON.parse(line) as LogLine));
  return {
    log,
    ended: once(child, 'close').then(([code]) => code as number | null),
    signal: (name) => void child.kill(name),
    [Symbol.asyncDispose]: () => endNow(child),
  };
};
