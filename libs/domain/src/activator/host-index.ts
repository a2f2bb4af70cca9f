/** Which workload answers to which host: who claimed it first keeps it. */
import { bareHost, hostsMax, type WorkloadKey } from '@flyball/contracts';

export interface HostEntry {
  /** Whoever claims it now, in the order of their claims: the first has it. */
  readonly claims: readonly WorkloadKey[];
  /**
   * Nobody claims it, and this one had it last. Two workloads tell of a host that moves between
   * them in no certain order, so it leads on to where it led until another claims it.
   */
  readonly left: WorkloadKey | null;
}

/** Plain data, so that it can be part of a snapshot. */
export interface HostIndex {
  entries: Record<string, HostEntry>;
  /** Grows with each change: what was looked up before may be different now. */
  revision: number;
}

/** What one workload claims, and what it had and let go; the newest last. */
export interface HostClaims {
  readonly hosts: readonly string[];
  readonly leftHosts: readonly string[];
}

export const noHosts: HostClaims = { hosts: [], leftHosts: [] };

export const initialHostIndex = (): HostIndex => ({ entries: {}, revision: 0 });

const entryOf = (index: HostIndex, host: string): HostEntry | undefined =>
  Object.hasOwn(index.entries, host) ? index.entries[host] : undefined;

const holder = ({ claims, left }: HostEntry): WorkloadKey | undefined =>
  claims[0] ?? left ?? undefined;

const put = (index: HostIndex, host: string, entry: HostEntry): void => {
  if (holder(entry) === undefined) delete index.entries[host];
  else index.entries[host] = entry;
};

const claim = (index: HostIndex, host: string, workload: WorkloadKey): void => {
  const claims = entryOf(index, host)?.claims ?? [];
  if (claims.includes(workload)) return;
  put(index, host, { claims: [...claims, workload], left: null });
};

/** `isKept`: it leads on to this workload when it was the only one. */
const letGo = (index: HostIndex, host: string, workload: WorkloadKey, isKept: boolean): void => {
  const entry = entryOf(index, host);
  if (entry === undefined) return;
  const claims = entry.claims.filter((one) => one !== workload);
  const alone = entry.claims.length > 0 && claims.length === 0;
  const before = entry.left === workload ? null : entry.left;
  put(index, host, { claims, left: isKept && alone ? workload : before });
};

/** Makes `hosts` the ones that the workload claims; the index is changed in place. */
export const claimHosts = (
  index: HostIndex,
  workload: WorkloadKey,
  before: HostClaims,
  hosts: readonly string[],
): HostClaims => {
  index.revision += 1;
  const dropped = before.hosts.filter((host) => !hosts.includes(host));
  for (const host of dropped) letGo(index, host, workload, true);
  for (const host of hosts) claim(index, host, workload);
  const left = [...before.leftHosts, ...dropped].filter((host) => !hosts.includes(host));
  const forgotten = left.slice(0, Math.max(0, left.length - hostsMax));
  for (const host of forgotten) letGo(index, host, workload, false);
  return { hosts, leftHosts: left.slice(forgotten.length) };
};

/** The workload is gone: nothing leads to it any more. */
export const leaveHosts = (index: HostIndex, workload: WorkloadKey, before: HostClaims): void => {
  if (before.hosts.length === 0 && before.leftHosts.length === 0) return;
  index.revision += 1;
  for (const host of [...before.hosts, ...before.leftHosts]) letGo(index, host, workload, false);
};

/** Who answers to the Host header, or undefined when nobody ever claimed it. */
export const workloadWithHost = (index: HostIndex, host: string): WorkloadKey | undefined => {
  const entry = entryOf(index, bareHost(host));
  return entry === undefined ? undefined : holder(entry);
};

export interface ContestedHost {
  readonly host: string;
  readonly holder: WorkloadKey;
  readonly refused: readonly WorkloadKey[];
}

/** The hosts that more than one workload claims. */
export const contestedHosts = (index: HostIndex): readonly ContestedHost[] =>
  Object.entries(index.entries).flatMap(([host, { claims }]) => {
    const [first, ...refused] = claims;
    return first === undefined || refused.length === 0 ? [] : [{ host, holder: first, refused }];
  });
