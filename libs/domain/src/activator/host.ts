/** Which workload a request's Host asks for: `<name>.<namespace>.<domain>`. */
import { bareHost, type WorkloadKey, workloadKey } from '@flyball/contracts';

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The workload that a Host header names, or undefined when it is not below the domain. */
export const workloadOfHost = (host: string, domain: string): WorkloadKey | undefined => {
  const bare = bareHost(host);
  const suffix = `.${domain}`;
  if (!bare.endsWith(suffix)) return undefined;
  const labels = bare.slice(0, -suffix.length).split('.');
  const namespace = labels.pop();
  const name = labels.join('.');
  if (namespace === undefined || !label.test(namespace)) return undefined;
  return labels.length > 0 && labels.every((one) => label.test(one))
    ? workloadKey(namespace, name)
    : undefined;
};

/** The Host by which a workload is asked for. */
export const hostOfWorkload = (workload: WorkloadKey, domain: string): string => {
  const slash = workload.indexOf('/');
  return `${workload.slice(slash + 1)}.${workload.slice(0, slash)}.${domain}`;
};
