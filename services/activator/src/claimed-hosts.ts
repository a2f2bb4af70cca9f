/** The hosts that workloads claim, as the routes have them now; tells when two claim the same. */
import {
  type ContestedHost,
  contestedHosts,
  type HostIndex,
  initialHostIndex,
  type Routes,
} from '@flyball/domain';

export interface ClaimedHosts {
  /** The index of the newest routes; it is changed in place. */
  readonly index: () => HostIndex;
  /** How many hosts are claimed by more than one workload. */
  readonly contestedCount: () => number;
  /** The routes are these now. */
  readonly follow: (routes: Routes) => void;
}

/** `onContested` hears of each host once for as long as the same workloads quarrel about it. */
export const createClaimedHosts = (
  onContested: (contested: ContestedHost) => void,
): ClaimedHosts => {
  let index = initialHostIndex();
  let revision = index.revision;
  let told = new Set<string>();
  return {
    index: () => index,
    contestedCount: () => told.size,
    follow: ({ hosts }) => {
      if (hosts === index && hosts.revision === revision) return;
      index = hosts;
      revision = hosts.revision;
      const now = new Set<string>();
      for (const contested of contestedHosts(hosts)) {
        const { host, holder, refused } = contested;
        const quarrel = [host, holder, ...refused].join(' ');
        now.add(quarrel);
        if (!told.has(quarrel)) onContested(contested);
      }
      told = now;
    },
  };
};
