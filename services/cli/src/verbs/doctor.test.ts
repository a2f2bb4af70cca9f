/** `doctor` looks at this machine, and at the cluster that the environment names, if it does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Check } from '../doctor/check.ts';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { inputOf } from '../testing/written-files.ts';
import { doctor } from './doctor.ts';

let folder: string;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flyball-doctor-'));
  environment = { ...process.env };
});

afterEach(async () => {
  process.env = environment;
  await rm(folder, { recursive: true });
});

const examine = async (env: Record<string, string>, kubeconfig = '') => {
  // The client of Kubernetes reads the environment itself.
  process.env = { ...environment, ...env };
  const terminal = captureTerminal();
  const { signal } = new AbortController();
  const given = { PATH: environment.PATH, ...env };
  const code = await doctor(
    { terminal, env: given, signal, input: inputOf() },
    { data: folder, output: 'json', kubeconfig },
  );
  const { checks, ok } = JSON.parse(terminal.lines.join('\n')) as { checks: Check[]; ok: boolean };
  return { code, checks, ok, cluster: checks.filter(({ part }) => part === 'cluster') };
};

it('looks at this machine where no cluster is named', async () => {
  const { checks, cluster } = await examine({ KUBECONFIG: '' });
  const parts = checks.map(({ part }) => part);
  expect(parts).toEqual(expect.arrayContaining(['nats-server', 'port 8080', 'port 8090']));
  expect(cluster).toEqual([]);
});

it('a cluster that KUBECONFIG names and that is not there is good to know', async () => {
  const missing = join(folder, 'kubeconfig');
  const { cluster, ok } = await examine({ KUBECONFIG: missing });
  expect(cluster).toMatchObject([{ ok: false, needed: false }]);
  expect(ok).toBe((await examine({ KUBECONFIG: '' })).ok);
});

it('a kubeconfig that is given has to be one', async () => {
  await expect(examine({}, join(folder, 'none'))).rejects.toThrow(OutsideError);
});
