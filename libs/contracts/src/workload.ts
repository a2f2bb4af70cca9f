/** How a workload is named: `namespace/name`, both Kubernetes names. */

/** `namespace/name`. */
export type WorkloadKey = `${string}/${string}`;

export interface WorkloadName {
  readonly namespace: string;
  readonly name: string;
}

/** Joins a namespace and a name into the key by which the log and the stages know a workload. */
export const workloadKey = (namespace: string, name: string): WorkloadKey => `${namespace}/${name}`;

/** Splits a workload key at its first slash. */
export const workloadName = (key: WorkloadKey): WorkloadName => {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
};
