/** One workload at the gateway: its pods, what is held for it, and what is counted. */
import type { Policy, WorkloadKey } from '@flyball/contracts';
import { emptyLedger, isUrgent, type LedgerTotals, type WorkloadRoute } from '@flyball/domain';
import {
  type Balancer,
  type ConcurrencyMeter,
  createBalancer,
  createConcurrencyMeter,
  createHoldingQueue,
  type ForwardTarget,
  type HeldRequest,
  type HoldingBudget,
  type HoldingQueue,
  type ProbePace,
} from '@flyball/proxy';
import { beginColdStart, type ColdStart } from './cold-start.ts';
import { traceparentOf } from './traceparent.ts';

export interface UpstreamShared {
  readonly budget: HoldingBudget;
  readonly pace: ProbePace;
  readonly heldMax: number;
  readonly holdMsMax: number;
  readonly nowMs: () => number;
  /** Something of this workload must be told at once. */
  readonly onUrgent: (upstream: Upstream) => void;
  readonly onHeldMs: (heldMs: number) => void;
}

/** A forwarding target that knows its workload; the proxy calls back into it. */
export interface Upstream extends ForwardTarget {
  readonly workload: WorkloadKey;
  readonly pods: Balancer;
  readonly holding: HoldingQueue<HeldRequest>;
  readonly meter: ConcurrencyMeter;
  policy: Policy | null;
  route: WorkloadRoute | undefined;
  /** What RequestsCounted has said so far. */
  counted: LedgerTotals;
  /** The longest wait that ended since the last count. */
  waitedMaxMs: number;
  coldStart: ColdStart | null;
  /** When its requests began to wait with no pod at all; null while they do not. */
  waitingSinceMs: number | null;
  responseStartTimeoutMs?: number;
}

const podParts = (address: string): { host: string; port: number } => {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
};

const reachablePods = (upstream: Upstream): number =>
  upstream.pods.pods.reduce((count, pod) => count + (pod.phase === 'reachable' ? 1 : 0), 0);

/** A request began to wait. It opens a cold start when no pod is there to take it. */
const onHeld = (upstream: Upstream, shared: UpstreamShared, request: HeldRequest): void => {
  if (reachablePods(upstream) > 0) return;
  const nowMs = shared.nowMs();
  upstream.waitingSinceMs ??= nowMs;
  if (upstream.coldStart !== null) return;
  upstream.coldStart = beginColdStart(request, traceparentOf(request.traceparent), nowMs);
};

const buildBalancer = (shared: UpstreamShared, own: () => Upstream): Balancer =>
  createBalancer({
    pace: shared.pace,
    onReachable: (pod) => {
      const upstream = own();
      upstream.waitingSinceMs = null;
      const { coldStart } = upstream;
      if (coldStart === null || coldStart.connectedAtMs !== null) return;
      coldStart.connectedAtMs = shared.nowMs();
      coldStart.pod = pod.id;
      coldStart.waited = upstream.holding.ledger.waiting;
    },
  });

const buildHolding = (
  shared: UpstreamShared,
  pods: Balancer,
  own: () => Upstream,
): HoldingQueue<HeldRequest> => {
  const holding = createHoldingQueue<HeldRequest>({
    acquire: () => pods.acquire(),
    requestsMax: shared.heldMax,
    holdMsMax: shared.holdMsMax,
    budget: shared.budget,
    onHeld: (request) => onHeld(own(), shared, request),
    onEnded: (_request, _end, heldMs) => {
      own().waitedMaxMs = Math.max(own().waitedMaxMs, heldMs);
      shared.onHeldMs(heldMs);
    },
  });
  pods.attach(holding);
  return holding;
};

/** A workload without pods yet; `reconcile` gives it those of the log. */
export const createUpstream = (workload: WorkloadKey, shared: UpstreamShared): Upstream => {
  let upstream: Upstream;
  const own = (): Upstream => upstream;
  const pods = buildBalancer(shared, own);
  upstream = {
    kind: 'target',
    workload,
    pods,
    holding: buildHolding(shared, pods, own),
    meter: createConcurrencyMeter({ startMs: shared.nowMs() }),
    policy: null,
    route: undefined,
    counted: emptyLedger,
    waitedMaxMs: 0,
    coldStart: null,
    waitingSinceMs: null,
  };
  return upstream;
};

/** Makes the pods and limits of an upstream those of the route. */
export const reconcile = (upstream: Upstream, route: WorkloadRoute): void => {
  upstream.route = route;
  if (route.policy !== null && route.policy !== upstream.policy) {
    upstream.policy = route.policy;
    upstream.pods.setContainerConcurrency(route.policy.containerConcurrency);
    upstream.responseStartTimeoutMs = route.policy.timeoutMs;
  }
  const known = new Set(upstream.pods.pods.map((pod) => pod.id));
  for (const [id, pod] of Object.entries(route.pods)) {
    const usable = pod.address !== null && !pod.closed;
    if (usable && pod.address !== null) {
      upstream.pods.add({ id, ...podParts(pod.address) });
      known.delete(id);
    }
  }
  for (const id of known) upstream.pods.remove(id);
};

/** A request was routed to this workload. */
export const requestStarted = (upstream: Upstream, shared: UpstreamShared): void => {
  upstream.meter.enter(shared.nowMs());
  if (isUrgent(upstream.policy, upstream.meter.inFlight, reachablePods(upstream))) {
    shared.onUrgent(upstream);
  }
};

/** It ended. Gives the cold start that it was the first request of, if any. */
export const requestEnded = (
  upstream: Upstream,
  shared: UpstreamShared,
  request: object,
): ColdStart | undefined => {
  upstream.meter.leave(shared.nowMs());
  const { coldStart } = upstream;
  if (coldStart?.request !== request) return undefined;
  upstream.coldStart = null;
  return coldStart;
};
