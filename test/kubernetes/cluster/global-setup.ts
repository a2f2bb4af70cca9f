/** One cluster for the whole run of the tests: `inject('kubeconfig')` is its administrator's. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openCluster } from './open-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the kubeconfig of the cluster that the tests run on. */
    kubeconfig: string;
    /** `own`: a control plane of ours; `k3s`: by Docker; `given`: FLYBALL_TEST_KUBECONFIG. */
    clusterKind: 'own' | 'k3s' | 'given';
  }
}

const tell = (line: string): void => void process.stderr.write(`kubernetes: ${line}\n`);

let end: (() => Promise<void>) | undefined;

export const setup = async (project: TestProject): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'cluster-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 10 });
  try {
    const { kind, kubeconfig, stop } = await openCluster({ folder, tell });
    end = () => stop().finally(remove);
    project.provide('kubeconfig', kubeconfig);
    project.provide('clusterKind', kind);
  } catch (error) {
    await remove();
    throw error;
  }
};

export const teardown = async (): Promise<void> => end?.();
