/** A port of this machine that leads to a part of Flyball on a cluster. */
import { type ClusterAccess, openPodPort } from '@flyball/platform/kubernetes';
import type { ClusterSource } from '../reading/log-source.ts';
import { type Forwarding, forwardToPods } from './forward-to-pods.ts';
import { withRight } from './missing-right.ts';
import { type PodPart, readyPods } from './ready-pods.ts';

/** Rejects with PLATFORM_… errors; each says which right is missing, or what to look at. */
export const forwardToPart = (
  cluster: Pick<ClusterAccess, 'request'>,
  { kubeconfig, context, namespace }: ClusterSource,
  part: PodPart,
): Promise<Forwarding> => {
  const ports = new Map<string, number>();
  return forwardToPods({
    ready: async () => {
      try {
        const pods = await readyPods(cluster, namespace, part);
        for (const { name, port } of pods) ports.set(name, port);
        return pods.map(({ name }) => name);
      } catch (error) {
        throw withRight(error, `list pods in ${namespace}`);
      }
    },
    open: async (pod) => {
      const port = ports.get(pod) ?? 0;
      try {
        return await openPodPort({ kubeconfig, context }, { namespace, pod, port });
      } catch (error) {
        throw withRight(error, `get and create pods/portforward in ${namespace}`);
      }
    },
  });
};
