/** A platform that obeys: replicas become what was decided, pods come and go a while later. */
import {
  type EventDataByName,
  type EventName,
  type FlyballEvent,
  type Routing,
  type WorkloadKey,
  workloadName,
} from '@flyball/contracts';
import type { Agenda } from './agenda.ts';
import type { Story } from './story.ts';

export interface Writers {
  /** The watcher's word about a workload. */
  readonly watched: <Name extends EventName>(
    type: Name,
    workload: WorkloadKey,
    data: EventDataByName[Name],
  ) => void;
  /** The actuator's word about it. */
  readonly acted: <Name extends EventName>(
    type: Name,
    workload: WorkloadKey,
    data: EventDataByName[Name],
  ) => void;
}

interface Deployment {
  replicas: number;
  routing: Routing | undefined;
  newestDecisionId: string;
  /** Running or starting, oldest first; those that drain are not among them. */
  readonly pods: string[];
  readonly appeared: Set<string>;
  podsMade: number;
  version: number;
}

type Decided = FlyballEvent<'Decided'>;

const firstPodPort = 20_000;

export interface ObedientPlatform {
  /** Pods that are there from the start. */
  adopt(workload: WorkloadKey, replicas: number, atMs: number): void;
  obey(decided: Decided): void;
  forget(workload: WorkloadKey): void;
}

interface Cluster extends Writers {
  readonly delays: Story['platform'];
  readonly agenda: Agenda;
  readonly deployments: Map<WorkloadKey, Deployment>;
}

const deploymentOf = ({ deployments }: Cluster, workload: WorkloadKey): Deployment => {
  const known = deployments.get(workload);
  const made: Deployment = known ?? {
    replicas: 0,
    routing: undefined,
    newestDecisionId: '',
    pods: [],
    appeared: new Set(),
    podsMade: 0,
    version: 1,
  };
  deployments.set(workload, made);
  return made;
};

const addPod = (workload: WorkloadKey, deployment: Deployment): string => {
  deployment.podsMade += 1;
  const pod = `${workloadName(workload).name}-${deployment.podsMade}`;
  deployment.pods.push(pod);
  return pod;
};

const appear = (cluster: Cluster, workload: WorkloadKey, pod: string, atMs: number): void => {
  const { appeared } = deploymentOf(cluster, workload);
  appeared.add(pod);
  const address = `127.0.0.1:${firstPodPort + appeared.size}`;
  const data = { pod, address, metricsAddress: null, createdAtMs: atMs };
  cluster.watched('PodAppeared', workload, data);
};

const startPod = (cluster: Cluster, workload: WorkloadKey, atMs: number): void => {
  const { agenda, delays, watched } = cluster;
  const deployment = deploymentOf(cluster, workload);
  const pod = addPod(workload, deployment);
  const stillThere = () => deployment.pods.includes(pod);
  agenda.plan(atMs + delays.podAppearsMs, (nowMs) => {
    if (stillThere()) appear(cluster, workload, pod, nowMs);
  });
  agenda.plan(atMs + delays.podReadyMs, () => {
    if (stillThere()) watched('PodReady', workload, { pod });
  });
};

const stopPod = (cluster: Cluster, workload: WorkloadKey, atMs: number): void => {
  const { agenda, delays, watched } = cluster;
  const deployment = deploymentOf(cluster, workload);
  const pod = deployment.pods.pop();
  // One that ends before it was seen was never there.
  if (pod === undefined || !deployment.appeared.has(pod)) return;
  watched('PodUnready', workload, { pod, reason: 'draining', message: 'asked to end' });
  agenda.plan(atMs + delays.podGoneMs, () => watched('PodGone', workload, { pod }));
};

const scale = (cluster: Cluster, workload: WorkloadKey, decided: Decided, atMs: number): void => {
  const deployment = deploymentOf(cluster, workload);
  const { to } = decided.data;
  const from = deployment.replicas;
  if (from === to) return;
  deployment.replicas = to;
  deployment.version += 1;
  cluster.acted('ScaleApplied', workload, {
    from,
    to,
    decisionId: decided.id,
    appliedAtMs: atMs,
    attempt: 1,
    resourceVersion: String(deployment.version),
    because: 'decided',
  });
  while (deployment.pods.length < to) startPod(cluster, workload, atMs);
  while (deployment.pods.length > to) stopPod(cluster, workload, atMs);
};

const route = (cluster: Cluster, workload: WorkloadKey, decided: Decided, atMs: number): void => {
  const deployment = deploymentOf(cluster, workload);
  const { routing } = decided.data;
  if (deployment.routing === routing) return;
  deployment.routing = routing;
  const data = { routing, decisionId: decided.id, appliedAtMs: atMs };
  cluster.acted('RoutingApplied', workload, data);
};

export const createPlatform = (
  delays: Story['platform'],
  agenda: Agenda,
  writers: Writers,
): ObedientPlatform => {
  const cluster: Cluster = { delays, agenda, ...writers, deployments: new Map() };
  return {
    adopt: (workload, replicas, atMs) => {
      const deployment = deploymentOf(cluster, workload);
      deployment.replicas = replicas;
      for (let pod = 0; pod < replicas; pod += 1) {
        const name = addPod(workload, deployment);
        appear(cluster, workload, name, atMs);
        cluster.watched('PodReady', workload, { pod: name });
      }
    },
    obey: (decided) => {
      const { workload } = decided;
      if (workload === undefined) return;
      const deployment = deploymentOf(cluster, workload);
      deployment.newestDecisionId = decided.id;
      const plan = (delayMs: number, apply: typeof scale) =>
        agenda.plan(decided.atMs + delayMs, (atMs) => {
          // Overtaken by a newer one: it will never be applied.
          if (deployment.newestDecisionId === decided.id) apply(cluster, workload, decided, atMs);
        });
      plan(delays.applyMs, scale);
      plan(delays.routeMs ?? delays.applyMs, route);
    },
    forget: (workload) => cluster.deployments.delete(workload),
  };
};
