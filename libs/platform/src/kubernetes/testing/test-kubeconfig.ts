/** A kubeconfig that leads to a server of a test on loopback, without TLS and without a user. */
import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Answers the file's path and how to remove it. */
export const writeTestKubeconfig = async (
  port: number,
): Promise<{ readonly path: string; readonly remove: () => void }> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-kubeconfig-'));
  const path = join(folder, 'kubeconfig');
  const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'test' },
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
  writeFileSync(path, JSON.stringify(config));
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
