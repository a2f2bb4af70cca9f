/** The annotations by which a workload asks something of the platform that runs its pods. */
import { hostsOf } from '@flyball/contracts';

export const workloadAnnotation = {
  /** `"true"`: a queue-proxy stands before each pod. */
  queueProxy: 'flyball.dev/queue-proxy',
  /** The path that is asked to find out whether a pod answers; `/` by default. */
  probePath: 'flyball.dev/probe-path',
  /** `"false"` on the Deployment of a revision that no traffic goes to. */
  reachable: 'flyball.dev/reachable',
  /** `h2c` or `http1`: how its pods are spoken to, over what the name of their port says. */
  protocol: 'flyball.dev/protocol',
  /** Further host names by which clients ask for it, with commas between them. */
  hosts: 'flyball.dev/hosts',
} as const;

/** The hosts that annotations list; what is no host name is left out. */
export const hostsAnnotated = (annotations: Readonly<Record<string, string>>): readonly string[] =>
  hostsOf((annotations[workloadAnnotation.hosts] ?? '').split(','));
