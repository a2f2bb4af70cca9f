/** The annotations by which a workload asks something of the node that runs its pods. */
export const workloadAnnotation = {
  /** `"true"`: a queue-proxy stands before each pod. */
  queueProxy: 'flyball.dev/queue-proxy',
  /** The path that is asked to find out whether a pod answers; `/` by default. */
  probePath: 'flyball.dev/probe-path',
} as const;
