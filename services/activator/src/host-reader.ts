/** Which workload a Host asks for, remembered: reading it anew costs more than routing it. */
import type { WorkloadKey } from '@flyball/contracts';
import { type HostIndex, workloadOfHost, workloadWithHost } from '@flyball/domain';

/** Hosts that are remembered; then all are forgotten, since anybody may invent new ones. */
export const hostsRememberedMax = 20_000;

/**
 * Reads hosts: those that workloads claim first, then `<name>.<namespace>.<domain>`; undefined for
 * one that is neither. Nothing is remembered across a change of the claims.
 */
export const createHostReader = (
  domain: string,
  claimed: () => HostIndex,
): ((host: string) => WorkloadKey | undefined) => {
  const known = new Map<string, WorkloadKey>();
  let index: HostIndex | undefined;
  let revision = -1;
  return (host) => {
    const now = claimed();
    if (now !== index || now.revision !== revision) {
      known.clear();
      index = now;
      revision = now.revision;
    }
    const remembered = known.get(host);
    if (remembered !== undefined) return remembered;
    const workload = workloadWithHost(now, host) ?? workloadOfHost(host, domain);
    if (workload === undefined) return undefined;
    if (known.size >= hostsRememberedMax) known.clear();
    known.set(host, workload);
    return workload;
  };
};
