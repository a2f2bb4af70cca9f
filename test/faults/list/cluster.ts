/** A NATS cluster of three whose leader dies or freezes. */
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../../e2e/harness/until.ts';
import type { Bed } from '../bed/bed.ts';
import type { NatsCluster } from '../bed/cluster.ts';
import type { Fault } from '../fault.ts';

const electionLimitMs = 30_000;
const awayMs = 4_000;

const clusterOf = ({ cluster }: Bed): NatsCluster => {
  if (cluster === undefined) throw new Error('This bed has no cluster.');
  return cluster;
};

const leaderOf = (cluster: NatsCluster): Promise<number> =>
  until('the stream has a leader', { limitMs: electionLimitMs }, async () => {
    const leader = await cluster.leader().catch(() => -1);
    return leader >= 0 && { leader };
  }).then(({ leader }) => leader);

const killLeader: Fault = {
  name: 'cluster of three, leader killed',
  about: `SIGKILL of the member that leads EVENTS; it is started again ${awayMs / 1_000} s later.`,
  bed: 'cluster',
  hurt: async (bed) => {
    const cluster = clusterOf(bed);
    const leader = await leaderOf(cluster);
    const killedAtMs = Date.now();
    await cluster.signal(leader, 'SIGKILL');
    await wait(awayMs);
    cluster.start(leader);
    return { recoverFromMs: killedAtMs };
  },
};

const freezeLeader: Fault = {
  name: 'cluster of three, leader frozen',
  about: `SIGSTOP of the member that leads EVENTS for ${awayMs / 1_000} s.`,
  bed: 'cluster',
  hurt: async (bed) => {
    const cluster = clusterOf(bed);
    const leader = await leaderOf(cluster);
    await cluster.signal(leader, 'SIGSTOP');
    try {
      await wait(awayMs);
    } finally {
      await cluster.signal(leader, 'SIGCONT');
    }
    return { recoverFromMs: Date.now() };
  },
};

export const clusterFaults: readonly Fault[] = [killLeader, freezeLeader];
