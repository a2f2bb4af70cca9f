/** A way to the console on a cluster, without its being published there. */
import { connectCluster } from '@flyball/platform/kubernetes';
import type { ClusterSource } from '../reading/log-source.ts';
import { forwardToPart } from './forward-to-part.ts';
import type { PodPart } from './ready-pods.ts';

const consolePart: PodPart = {
  name: 'the console',
  label: 'app.kubernetes.io/name=console',
  portName: 'http',
  usualPort: 8080,
  // It is not ready without NATS, but has its traces.
  answersUnready: true,
};

export interface ForwardedConsole {
  readonly url: string;
  close(): Promise<void>;
}

/** Rejects with PLATFORM_… errors; each says what to do. */
export const forwardToConsole = async (source: ClusterSource): Promise<ForwardedConsole> => {
  const { kubeconfig, context } = source;
  await using parts = new AsyncDisposableStack();
  const cluster = connectCluster({ kubeconfig, context, namespaces: [] });
  parts.defer(() => cluster.close());
  const forwarding = await forwardToPart(cluster, source, consolePart);
  parts.defer(() => forwarding.close());
  const kept = parts.move();
  return { url: `http://127.0.0.1:${forwarding.port}`, close: () => kept.disposeAsync() };
};
