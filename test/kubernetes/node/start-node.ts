/** Starts a node for tests as a process of its own, and waits until pods can be bound to it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type PartProcess, startProcess } from '../control-plane/part-process.ts';

const readyLimitMs = 60_000;
const pollMs = 20;

export interface NodeOptions {
  readonly kubeconfig: string;
  /** Logs of the node and of its pods' containers. */
  readonly folder: string;
  readonly name?: string;
  /** 1 to 15: each node of a cluster has a number, and addresses, of its own. */
  readonly number?: number;
}

/** Resolves when it takes pods; rejects with its last words when it does not come up. */
export const startNode = async (options: NodeOptions): Promise<PartProcess> => {
  const { kubeconfig, folder, number = 1, name = `flyball-test-${number}` } = options;
  await mkdir(folder, { recursive: true });
  const entry = join(import.meta.dirname, 'main.ts');
  const given = { kubeconfig, folder, name, number: String(number) };
  const flags = Object.entries(given).flatMap(([key, value]) => [`--${key}`, value]);
  const node = await startProcess({
    ...{ name, folder, program: process.execPath },
    args: ['--disable-warning=ExperimentalWarning', entry, ...flags],
  });
  const deadlineMs = performance.now() + readyLimitMs;
  for (;;) {
    const said = await node.lastLines();
    if (said.includes(`${name} takes pods.`)) return node;
    if (!node.running() || performance.now() > deadlineMs) {
      await node.kill();
      throw new Error(`The node ${name} did not come up:\n${said}`);
    }
    await wait(pollMs);
  }
};
