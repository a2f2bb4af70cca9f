/** One workload at the gateway: its pods, what is held for it, and what is counted. */
import type { Policy, WorkloadKey } from '@flyball/contracts';
import { emptyLedger, isUrgent, type LedgerTotals, type WorkloadRoute } from '@flyball/domain';
import {
  type Balancer,
  type Clock,
  type ConcurrencyMeter,
  createBalancer,
  createConcurrencyMeter,
  createHoldingQueue,
  defaultProxyLimits,
  type ForwardTarget,
  type HeldRequest,
  type HoldEnd,
  type HoldingBudget,
  type HoldingQueue,
  type ProbePace,
  type SeekContact,
} from '@flyball/proxy';
import { beginColdStart, type ColdStart, noteHeld, noteRoute } from './cold-start.ts';
import { addressParts } from './pod-address.ts';
import { initialSlotState, type SlotSharing, type SlotState, slotsOf } from './pod-slots.ts';
import type { RequestContexts } from './request-context.ts';
import { noteNoPod } from './request-trace.ts';

/** First contact and waiting as a simulation does them, without sockets. */
export interface PodReach {
  readonly clock: Clock;
  readonly seekContact: SeekContact;
}

export interface UpstreamShared {
  readonly budget: HoldingBudget;
  readonly pace: ProbePace;
  readonly heldMax: number;
  readonly holdMsMax: number;
  readonly nowMs: () => number;
  readonly contexts: RequestContexts;
  /** How pods are reached; over sockets, by the machine's clock, unless given. */
  readonly reach?: PodReach;
  /** With whom the pods' slots are shared; all are its own unless given. */
  readonly sharing?: SlotSharing;
  /** Something of this workload must be told at once. */
  readonly onUrgent: (upstream: Upstream) => void;
  /** Its ledger has changed. */
  readonly onStirred: (upstream: Upstream) => void;
  readonly onHeldEnd: (end: HoldEnd, heldMs: number) => void;
  /** What is known of its pods has changed; nobody is told unless given. */
  readonly onRoute?: (upstream: Upstream) => void;
  /** A pod was left out: nobody can connect to such an address. */
  readonly onBadAddress: (workload: WorkloadKey, pod: string, address: string) => void;
}

/** What counting a request needs. */
export type Counting = Pick<UpstreamShared, 'nowMs' | 'contexts' | 'onUrgent'>;

/** A forwarding target that knows its workload; the proxy calls back into it. */
export interface Upstream extends ForwardTarget {
  readonly workload: WorkloadKey;
  readonly pods: Balancer;
  readonly holding: HoldingQueue<HeldRequest>;
  readonly meter: ConcurrencyMeter;
  /** When the meter began. */
  readonly sinceMs: number;
  /** The workload is no more: what came before finishes, nothing is held. */
  gone: boolean;
  policy: Policy | null;
  route: WorkloadRoute | undefined;
  /** What RequestsCounted has said so far. */
  counted: LedgerTotals;
  /** The longest wait that ended since the last count. */
  waitedMaxMs: number;
  coldStart: ColdStart | null;
  /** When its requests began to wait with no pod at all; null while they do not. */
  waitingSinceMs: number | null;
  readonly slotState: SlotState;
  responseStartTimeoutMs?: number;
  responseIdleTimeoutMs?: number;
}

/** Pods that take requests now. */
export const reachablePods = (upstream: Upstream): number => {
  let count = 0;
  for (const pod of upstream.pods.pods) if (pod.phase === 'reachable') count += 1;
  return count;
};

/** A request began to wait. It opens a cold start when no pod is there to take it. */
const onHeld = (upstream: Upstream, shared: UpstreamShared, request: HeldRequest): void => {
  shared.onStirred(upstream);
  if (upstream.slotState.asleep) shareAnew(upstream, shared);
  noteHeld(request, upstream.coldStart);
  // A request of a workload that is no more came back from a pod: no other will ever take it.
  if (upstream.gone) queueMicrotask(() => upstream.gone && upstream.holding.shedAll());
  if (upstream.gone || reachablePods(upstream) > 0) return;
  const nowMs = shared.nowMs();
  upstream.waitingSinceMs ??= nowMs;
  noteNoPod(request, nowMs);
  upstream.coldStart ??= beginColdStart(request, shared.contexts, nowMs);
};

const onHeldEnded = (
  upstream: Upstream,
  shared: UpstreamShared,
  end: HoldEnd,
  heldMs: number,
): void => {
  shared.onStirred(upstream);
  shared.onHeldEnd(end, heldMs);
  upstream.waitedMaxMs = Math.max(upstream.waitedMaxMs, heldMs);
  if (upstream.holding.ledger.waiting > 0) return;
  upstream.waitingSinceMs = null;
  // The last one that waited has left too: nobody is there to follow.
  if (end !== 'released' && upstream.coldStart?.request === null) upstream.coldStart = null;
};

const buildBalancer = (shared: UpstreamShared, own: () => Upstream): Balancer =>
  createBalancer({
    pace: shared.pace,
    ...shared.reach,
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
    // Waiting for a pod is a part of the time that the policy gives a request; it may change.
    get holdMsMax() {
      return Math.min(shared.holdMsMax, own().policy?.timeoutMs ?? shared.holdMsMax);
    },
    budget: shared.budget,
    ...(shared.reach === undefined ? {} : { clock: shared.reach.clock }),
    onHeld: (request) => onHeld(own(), shared, request),
    onEnded: (_request, end, heldMs) => onHeldEnded(own(), shared, end, heldMs),
  });
  pods.attach(holding);
  return holding;
};

/** What the platform said last of a pod that does not come up. */
const troubleOf = (route: WorkloadRoute | undefined): string | undefined => {
  for (const [pod, { trouble }] of Object.entries(route?.pods ?? {})) {
    if (trouble !== null) return `Pod ${pod} is not ready: ${trouble}.`;
  }
  return undefined;
};

/** A workload without pods yet; `reconcile` gives it those of the log. */
export const createUpstream = (workload: WorkloadKey, shared: UpstreamShared): Upstream => {
  let upstream: Upstream;
  const own = (): Upstream => upstream;
  const pods = buildBalancer(shared, own);
  const sinceMs = shared.nowMs();
  upstream = {
    kind: 'target',
    workload,
    pods,
    holding: buildHolding(shared, pods, own),
    meter: createConcurrencyMeter({ startMs: sinceMs }),
    sinceMs,
    gone: false,
    policy: null,
    route: undefined,
    counted: emptyLedger,
    waitedMaxMs: 0,
    coldStart: null,
    waitingSinceMs: null,
    slotState: initialSlotState(),
    whyNoPod: () => troubleOf(upstream.route),
  };
  return upstream;
};

type Reconciling = Pick<UpstreamShared, 'onBadAddress' | 'onRoute' | 'sharing' | 'nowMs'>;

/** The same route, but the slots may be shared with others, or otherwise. */
export const shareAnew = (upstream: Upstream, shared: Reconciling): void => {
  if (upstream.route !== undefined) reconcile(upstream, upstream.route, shared);
};

/** Makes the pods and limits of an upstream those of the route. */
export const reconcile = (upstream: Upstream, route: WorkloadRoute, shared: Reconciling): void => {
  upstream.route = route;
  if (upstream.coldStart !== null) noteRoute(upstream.coldStart, route);
  if (route.policy !== null && route.policy !== upstream.policy) {
    upstream.policy = route.policy;
    upstream.pods.setContainerConcurrency(route.policy.containerConcurrency);
    const { timeoutMs } = route.policy;
    upstream.responseStartTimeoutMs = timeoutMs;
    upstream.responseIdleTimeoutMs = Math.max(timeoutMs, defaultProxyLimits.responseIdleTimeoutMs);
  }
  const slots = slotsOf(upstream.slotState, {
    route,
    sharing: shared.sharing,
    nowMs: shared.nowMs(),
    isWaiting: upstream.holding.ledger.waiting > 0,
    onChange: () => shareAnew(upstream, shared),
  });
  const unwanted = new Set(upstream.pods.pods.map((pod) => pod.id));
  for (const [id, { address, protocol, closed }] of Object.entries(route.pods)) {
    if (address === null || closed) continue;
    const parts = addressParts(address);
    if (parts === undefined) shared.onBadAddress(upstream.workload, id, address);
    else {
      const share = slots === null ? {} : { slots: slots.get(id) ?? 0 };
      upstream.pods.add({ id, ...parts, protocol: protocol ?? 'http1', ...share });
      unwanted.delete(id);
    }
  }
  for (const id of unwanted) upstream.pods.remove(id);
  shared.onRoute?.(upstream);
};

/** The workload is no more: what waits is refused, what is in flight may finish. */
export const leave = (upstream: Upstream): void => {
  upstream.gone = true;
  upstream.route = undefined;
  upstream.slotState.cancelChange();
  upstream.holding.shedAll();
  upstream.pods.close();
};

/** A request was routed to this workload. */
export const requestStarted = (upstream: Upstream, shared: Counting): void => {
  upstream.meter.enter(shared.nowMs());
  if (isUrgent(upstream.policy, upstream.meter.inFlight, reachablePods(upstream))) {
    shared.onUrgent(upstream);
  }
};

/** A cold start whose followed request has ended. */
export interface EndedStart {
  readonly start: ColdStart;
  /** False: it left before it was answered, and others wait on. */
  readonly isOver: boolean;
}

/** It ended. Gives the cold start by which it was followed, if any. */
export const requestEnded = (
  upstream: Upstream,
  shared: Counting,
  request: object,
): EndedStart | undefined => {
  upstream.meter.leave(shared.nowMs());
  const { coldStart } = upstream;
  if (coldStart?.request !== request) return undefined;
  if (coldStart.firstByteAtMs === null && upstream.holding.ledger.waiting > 0) {
    coldStart.request = null;
    return { start: coldStart, isOver: false };
  }
  upstream.coldStart = null;
  return { start: coldStart, isOver: true };
};
