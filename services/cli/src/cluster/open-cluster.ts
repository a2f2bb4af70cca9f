/** A connection to a cluster for as long as a verb needs it; its client is loaded only then. */
import type { ClusterAccess } from '@flyball/platform/kubernetes';

export interface ClusterOptions {
  /** The path of a kubeconfig; empty: the pod's service account, else KUBECONFIG or the home's. */
  readonly kubeconfig: string;
}

/** Opens, works, and closes whatever happens. Rejects with OutsideError. */
export const withCluster = async <Result>(
  { kubeconfig }: ClusterOptions,
  work: (cluster: ClusterAccess) => Promise<Result>,
): Promise<Result> => {
  const { connectCluster } = await import('@flyball/platform/kubernetes');
  const cluster = connectCluster({ kubeconfig, namespaces: [] });
  try {
    return await work(cluster);
  } finally {
    await cluster.close();
  }
};
