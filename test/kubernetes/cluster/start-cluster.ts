/** A cluster of our own: a control plane, and one node on which pods are local processes. */
import { join } from 'node:path';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';
import type { PartProcess } from '../control-plane/part-process.ts';
import type { PartPlace } from '../control-plane/parts.ts';
import type { Tell } from '../control-plane/programs.ts';
import { hasPodAddresses, podNetwork } from '../network/isolation.ts';
import { startNode } from '../node/start-node.ts';

export interface Cluster extends AsyncDisposable {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly controlPlane: ControlPlane;
  readonly node: PartProcess;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** Everything that it writes goes here. */
  readonly folder: string;
  readonly tell?: Tell;
  /** More arguments for some parts of the control plane. */
  readonly more?: PartPlace['more'];
}

const assertPodAddresses = async (): Promise<void> => {
  if (await hasPodAddresses()) return;
  throw new Error(
    `Pods cannot have addresses of ${podNetwork} here. \`npm run test:kubernetes\` runs the ` +
      'tests in a network of their own where they can.',
  );
};

/** Starts it; resolves when pods can be made and run. */
export const startCluster = async (options: ClusterOptions): Promise<Cluster> => {
  const { folder, tell = () => undefined, more } = options;
  await assertPodAddresses();
  const own = join(folder, 'control-plane');
  const controlPlane = await startControlPlane({ folder: own, tell, ...(more && { more }) });
  try {
    const { kubeconfig } = controlPlane;
    const node = await startNode({ kubeconfig, folder: join(folder, 'node') });
    const stop = async () => {
      await node.end();
      await controlPlane.stop();
    };
    return { kubeconfig, controlPlane, node, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
};
