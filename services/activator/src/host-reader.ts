/** Which workload a Host asks for, remembered: reading it anew costs more than routing it. */
import type { WorkloadKey } from '@flyball/contracts';
import { workloadOfHost } from '@flyball/domain';

/** Hosts that are remembered; then all are forgotten, since anybody may invent new ones. */
export const hostsRememberedMax = 20_000;

/** Reads hosts below one domain; undefined for one that is not below it. */
export const createHostReader = (domain: string): ((host: string) => WorkloadKey | undefined) => {
  const known = new Map<string, WorkloadKey>();
  return (host) => {
    const remembered = known.get(host);
    if (remembered !== undefined) return remembered;
    const workload = workloadOfHost(host, domain);
    if (workload === undefined) return undefined;
    if (known.size >= hostsRememberedMax) known.clear();
    known.set(host, workload);
    return workload;
  };
};
