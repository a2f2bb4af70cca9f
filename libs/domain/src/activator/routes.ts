/** What a gateway knows of each workload: its pods, its policy, and what was last decided. */
import type { AnyEvent, Policy, RecordedEvent, WorkloadKey } from '@flyball/contracts';
import {
  claimHosts,
  type HostClaims,
  type HostIndex,
  initialHostIndex,
  leaveHosts,
  noHosts,
} from './host-index.ts';

export interface RoutePod {
  /** `host:port`; null until it is known. */
  address: string | null;
  /** How it is spoken to, gRPC aside; null is HTTP/1.1. */
  protocol: 'h2c' | null;
  /** A queue-proxy stands before it and keeps its limit. */
  guarded: boolean;
  ready: boolean;
  /** It drains or fails its probe: no new request for it. */
  closed: boolean;
  appearedAtMs: number;
  addressKnownAtMs: number | null;
  readyAtMs: number | null;
  /** Why it is not ready, as the platform last said; null while it is. */
  trouble: string | null;
}

/** By which the trace of what came of it is found. */
export interface AppliedScale {
  /** Of the event. */
  id: string;
  /** The trace that it belongs to, if a request's; null otherwise. */
  traceparent: string | null;
}

export interface WorkloadRoute {
  policy: Policy | null;
  pods: Record<string, RoutePod>;
  /** Replicas of the last decision; null before the first. */
  desiredReplicas: number | null;
  decidedAtMs: number | null;
  appliedAtMs: number | null;
  /** The last ScaleApplied; null before the first. */
  applied: AppliedScale | null;
  /** Hosts beside its own name by which it is asked for. */
  claims: HostClaims;
}

/** All workloads by key; plain data, so that it can be a snapshot. */
export interface Routes {
  workloads: Record<WorkloadKey, WorkloadRoute>;
  hosts: HostIndex;
}

export const initialRoutes = (): Routes => ({ workloads: {}, hosts: initialHostIndex() });

const newRoute = (): WorkloadRoute => ({
  policy: null,
  pods: {},
  desiredReplicas: null,
  decidedAtMs: null,
  appliedAtMs: null,
  applied: null,
  claims: noHosts,
});

type WorkloadEvent = AnyEvent & { readonly workload: WorkloadKey };

const evolvePod = (route: WorkloadRoute, event: WorkloadEvent): void => {
  if (event.type === 'PodAppeared') {
    const known = route.pods[event.data.pod];
    const { address, metricsAddress, protocol, createdAtMs } = event.data;
    const unready = { ready: false, closed: false, readyAtMs: null, trouble: null };
    const first = { ...unready, appearedAtMs: createdAtMs };
    const since = known?.address === address ? known.addressKnownAtMs : null;
    const addressKnownAtMs = address === null ? null : (since ?? event.atMs);
    const spoken = { protocol: protocol ?? null, guarded: metricsAddress !== null };
    const place = { address, ...spoken, addressKnownAtMs };
    route.pods[event.data.pod] = { ...(known ?? first), ...place };
    return;
  }
  if (event.type === 'PodGone') {
    delete route.pods[event.data.pod];
    return;
  }
  if (event.type !== 'PodReady' && event.type !== 'PodUnready') return;
  const pod = route.pods[event.data.pod];
  if (pod === undefined) return;
  if (event.type === 'PodReady') {
    route.pods[event.data.pod] = {
      ...pod,
      ready: true,
      closed: false,
      trouble: null,
      readyAtMs: pod.readyAtMs ?? event.atMs,
    };
    return;
  }
  // First contact finds a crashed pod that comes back, and one that only takes long to listen.
  const { reason, message } = event.data;
  const startsSlowly = reason === 'probe-failed' && pod.readyAtMs === null;
  const closed = reason !== 'crashed' && !startsSlowly;
  const said = message === '' ? reason : `${reason} (${message})`;
  const trouble = reason === 'draining' ? null : said;
  route.pods[event.data.pod] = { ...pod, ready: false, closed, trouble };
};

/** Folds one event; `routes` is changed in place. Returns the workload that it concerned. */
export const evolveRoutes = (
  routes: Routes,
  event: AnyEvent | RecordedEvent,
): WorkloadKey | undefined => {
  const { workload } = event;
  if (workload === undefined) return undefined;
  if (event.type === 'WorkloadGone') {
    const gone = routes.workloads[workload];
    if (gone !== undefined) leaveHosts(routes.hosts, workload, gone.claims);
    delete routes.workloads[workload];
    return workload;
  }
  const known = routes.workloads[workload];
  if (known === undefined && event.type !== 'WorkloadAppeared' && event.type !== 'PolicySet') {
    return undefined;
  }
  const route = known ?? newRoute();
  routes.workloads[workload] = route;
  if (event.type === 'PolicySet') route.policy = event.data.policy;
  else if (event.type === 'Decided') {
    route.desiredReplicas = event.data.to;
    route.decidedAtMs = event.atMs;
  } else if (event.type === 'ScaleApplied') {
    route.appliedAtMs = event.data.appliedAtMs;
    route.applied = { id: event.id, traceparent: event.traceparent ?? null };
  } else if (event.type === 'WorkloadReachable' || event.type === 'WorkloadUnreachable') {
    const hosts = event.type === 'WorkloadReachable' ? (event.data.hosts ?? []) : [];
    route.claims = claimHosts(routes.hosts, workload, route.claims, hosts);
  } else evolvePod(route, event as WorkloadEvent);
  return workload;
};

/** The routes as a projection of the log: how to begin, what to read, how to fold. */
export const routesProjection = {
  version: 5,
  initialState: initialRoutes,
  /** The subject tails that `evolveRoutes` learns from; the rest need not be decoded. */
  tails: new Set(['policy', 'platform', 'decisions', 'actions']),
  evolve: evolveRoutes,
};
