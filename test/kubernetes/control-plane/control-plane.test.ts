/** A control plane of one's own: its API server dies and comes back, and it never outlives us. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { until } from '../../e2e/harness/until.ts';
import { connectApi } from '../api/api-client.ts';
import { startControlPlane } from './control-plane.ts';

const limitMs = 60_000;
const elsewhere = inject('clusterKind') !== 'own';
const reason = 'needs a control plane of our own';
const entry = join(import.meta.dirname, '../cluster/main.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flyball-control-plane-'));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

/** Command lines of all processes that name this folder. */
const processesOf = async (place: string): Promise<readonly string[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(place)).map((line) => line.replaceAll('\0', ' '));
};

test('an API server that was killed is back on its port with its objects', async ({ skip }) => {
  if (elsewhere) return skip(reason);
  const parts = ['etcd', 'kube-apiserver'] as const;
  const place = join(folder, 'one');
  await using controlPlane = await startControlPlane({ folder: place, tell: () => {}, parts });
  const api = await connectApi(controlPlane.kubeconfig);
  const metadata = { name: 'kept' };
  await api.create('/api/v1/namespaces', { metadata });
  const before = controlPlane.pidOf('kube-apiserver');

  await controlPlane.kill('kube-apiserver');
  await expect(api.get('/api/v1/namespaces/kept')).rejects.toThrow();
  await controlPlane.start('kube-apiserver');
  expect(controlPlane.pidOf('kube-apiserver')).not.toBe(before);
  expect((await api.get('/api/v1/namespaces/kept')).metadata.name).toBe('kept');
  await api.close();
  await controlPlane.stop();
  expect(await processesOf(place)).toEqual([]);
});

test('a cluster whose starter is killed is gone with it', async ({ skip }) => {
  if (elsewhere) return skip(reason);
  const place = join(folder, 'two');
  await mkdir(place);
  const text = `process.stdout.write('up'); setInterval(() => {}, 1000) // ${place}`;
  const wait = ['node', '-e', text];
  const starter = spawn(process.execPath, [entry, ...wait], {
    env: { ...process.env, TMPDIR: place },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = (await once(starter.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('up');
  expect((await processesOf(place)).length).toBeGreaterThan(4);
  starter.kill('SIGKILL');
  const seen = () => processesOf(place);
  await until('nothing of it runs', { limitMs, seen }, async () => (await seen()).length === 0);
});
