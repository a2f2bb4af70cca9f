/** The benchmark on a real API server: started in a network of its own, and read from there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { chooseCluster } from '../../kubernetes/cluster/choose-cluster.ts';
import { buildPrograms } from '../../kubernetes/control-plane/programs.ts';
import type { BenchContext } from '../bench-context.ts';
import type { Measured } from '../report/figure.ts';
import { figures } from './figures.ts';
import { besideKnative } from './knative.ts';

const resultsSchema = z.array(
  z.object({ id: z.string(), values: z.array(z.number()), note: z.string().optional() }),
);

const notMeasured = (note: string): readonly Measured[] =>
  Object.values(figures).map((figure) => ({ figure, values: [], note }));

const measuredIn = async (path: string): Promise<readonly Measured[]> => {
  const found = resultsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  return Object.values(figures).map((figure) => {
    const { values = [], note } = found.find(({ id }) => id === figure.id) ?? {};
    return note === undefined ? { figure, values } : { figure, values, note };
  });
};

const runInside = async (
  wrap: (command: readonly string[]) => readonly string[],
  path: string,
  { fast, signal }: BenchContext,
): Promise<void> => {
  const entry = join(import.meta.dirname, 'inside.ts');
  const [program = '', ...args] = wrap([
    ...[process.execPath, '--disable-warning=ExperimentalWarning', entry, path],
    ...(fast ? ['--fast'] : []),
  ]);
  const child = spawn(program, args, { stdio: 'inherit' });
  const end = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', end, { once: true });
  const [code] = await once(child, 'exit');
  signal.removeEventListener('abort', end);
  if (code !== 0) throw new Error(`the bench on Kubernetes ended with exit code ${code}`);
};

export interface KubernetesBenchOptions {
  /** A folder whose `run.sh` measures Knative on this machine; without it that is not done. */
  readonly knativeHarness: string | undefined;
}

/** Where there is no control plane of our own, every figure says why it was not measured. */
export const runKubernetesBench = async (
  context: BenchContext,
  { knativeHarness }: KubernetesBenchOptions,
): Promise<readonly Measured[]> => {
  const cluster = await chooseCluster();
  if (cluster.kind === 'none') return notMeasured(cluster.why);
  if (cluster.kind !== 'own') return notMeasured(`only a control plane of our own is measured`);
  await buildPrograms(context.tell);
  const folder = await mkdtemp(join(tmpdir(), 'flyball-bench-'));
  try {
    const path = join(folder, 'results.json');
    await runInside(cluster.wrap, path, context);
    const measured = await measuredIn(path);
    if (knativeHarness !== undefined) {
      return await besideKnative(measured, knativeHarness, folder, context);
    }
    context.tell('Knative was not measured beside it: --knative-harness names no folder.');
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
