/** A control plane, a node and a whole Flyball of the bench's own, and ways to look at them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectReader, findRunning } from '@flyball/cli';
import type { EventLog } from '@flyball/event-log';
import { type ApiClient, connectApi } from '../../kubernetes/api/api-client.ts';
import { type Cluster, startCluster } from '../../kubernetes/cluster/start-cluster.ts';
import { partNames } from '../../kubernetes/control-plane/parts.ts';
import { type Flyball, type ServiceName, startFlyball } from '../../kubernetes/harness/flyball.ts';
import type { ServiceReplica } from '../../kubernetes/harness/service-process.ts';
import { createGatewayClient, type GatewayClient } from '../pipeline/gateway-client.ts';
import { type LogWatch, watchLog } from '../pipeline/log-watch.ts';
import type { Part } from '../pipeline/processor-time.ts';

const domain = 'example.com';
const serviceNames: readonly ServiceName[] = [
  ...(['watcher', 'windower', 'decider', 'actuator'] as const),
  ...(['collector', 'controller', 'activator'] as const),
];

export interface ClusterBed {
  readonly api: ApiClient;
  readonly flyball: Flyball;
  readonly log: EventLog;
  readonly watch: LogWatch;
  readonly domain: string;
  /** A client whose unanswered requests end when it is closed. */
  openClient(): GatewayClient;
  replicas(): readonly ServiceReplica[];
  /** The processes of Flyball, its stores among them. */
  flyballParts(): readonly Part[];
  /** The control plane and the node. */
  clusterParts(): readonly Part[];
}

const flyballParts = ({ replicas, stores }: Flyball): readonly Part[] => [
  ...serviceNames.flatMap((name) =>
    replicas(name).map(({ process }) => ({ name, pid: process.pid })),
  ),
  { name: 'nats-server', pid: stores.nats.pid },
  { name: 'redis-server', pid: stores.redis.pid },
];

const clusterParts = ({ controlPlane, node }: Cluster): readonly Part[] => [
  ...partNames.map((name) => ({ name, pid: controlPlane.pidOf(name) })),
  { name: 'node', pid: node.pid },
];

const useFlyball = async (
  cluster: Cluster,
  flyball: Flyball,
  use: (bed: ClusterBed) => Promise<void>,
): Promise<void> => {
  const api = await connectApi(cluster.kubeconfig);
  const log = await connectReader(await findRunning(flyball.place.data));
  const watch = await watchLog(log);
  try {
    await use({
      ...{ api, flyball, log, watch, domain },
      openClient: () => createGatewayClient({ gatewayUrl: flyball.gatewayUrl, domain }),
      replicas: () => serviceNames.flatMap((name) => flyball.replicas(name)),
      flyballParts: () => flyballParts(flyball),
      clusterParts: () => clusterParts(cluster),
    });
  } finally {
    watch.stop();
    await Promise.all([log.close(), api.close()]);
  }
};

/** Starts all of it, gives it to `use`, and ends it whatever happens. */
export const withCluster = async (
  tell: (line: string) => void,
  use: (bed: ClusterBed) => Promise<void>,
): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-bench-'));
  try {
    await using cluster = await startCluster({ folder, tell });
    await using flyball = await startFlyball({ kubeconfig: cluster.kubeconfig });
    await useFlyball(cluster, flyball, use);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
};
