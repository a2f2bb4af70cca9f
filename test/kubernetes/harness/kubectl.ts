/** kubectl, as a user types it, on the cluster of the tests. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const limitMs = 60_000;
const outputMax = 64 * 1024 * 1024;

export type Kubectl = (...args: readonly string[]) => Promise<string>;

/** Runs it to its end; rejects with what it complains of. */
export const kubectlOf =
  (kubeconfig: string, env: Readonly<Record<string, string>> = {}): Kubectl =>
  async (...args) => {
    const { PATH = '', HOME = '' } = process.env;
    const options = { timeout: limitMs, maxBuffer: outputMax };
    const { stdout } = await run('kubectl', args, {
      ...options,
      env: { PATH, HOME, KUBECONFIG: kubeconfig, ...env },
    });
    return stdout;
  };
