/** The moments of one cold start: from the request that found no pod to its last byte. */
import type { EventDataByName } from '@flyball/contracts';
import type { WorkloadRoute } from '@flyball/domain';
import type { ProxyRequest } from '@flyball/proxy';

type Moments = EventDataByName['ColdStartCompleted'];

export interface ColdStart {
  /**
   * The request whose way is followed. Null: it left before a pod came, and the next one of those
   * that waited with it is followed instead.
   */
  request: object | null;
  readonly traceparent: string;
  receivedAtMs: number;
  sampledAtMs: number | null;
  decidedAtMs: number | null;
  appliedAtMs: number | null;
  connectedAtMs: number | null;
  firstByteAtMs: number | null;
  pod: string | null;
  /** Requests that waited when the pod was reached. */
  waited: number;
}

/** Begins with the request that found no pod. */
export const beginColdStart = (
  request: object,
  traceparent: string,
  receivedAtMs: number,
): ColdStart => ({
  request,
  traceparent,
  receivedAtMs,
  sampledAtMs: null,
  decidedAtMs: null,
  appliedAtMs: null,
  connectedAtMs: null,
  firstByteAtMs: null,
  pod: null,
  waited: 0,
});

/** The first of the moments that lies after the request came; an earlier one is another start's. */
const firstSince = (
  start: ColdStart,
  known: number | null,
  atMs: number | null | undefined,
): number | null => {
  if (known !== null || atMs === null || atMs === undefined) return known;
  return atMs < start.receivedAtMs ? null : atMs;
};

/** Keeps the first decision for pods, and the first scale applied, since the request came. */
export const noteRoute = (start: ColdStart, route: WorkloadRoute): void => {
  if ((route.desiredReplicas ?? 0) === 0) return;
  start.decidedAtMs = firstSince(start, start.decidedAtMs, route.decidedAtMs);
  start.appliedAtMs = firstSince(start, start.appliedAtMs, route.appliedAtMs);
};

/** A request that found no pod remembers when it came, in case it is the one to be followed. */
export const noteHeld = (request: ProxyRequest, nowMs: number): void => {
  request.note ??= nowMs;
};

/** Is this the request that the start follows? One that waited takes the place of one that left. */
export const isFollowed = (start: ColdStart, request: ProxyRequest): boolean => {
  if (start.request === null && typeof request.note === 'number') {
    start.request = request;
    start.receivedAtMs = request.note;
  }
  return start.request === request;
};

/** The event's data once the request has been answered. */
export const coldStartMoments = (
  start: ColdStart,
  route: WorkloadRoute | undefined,
  end: { readonly atMs: number; readonly status: number },
): Moments => {
  const pod = start.pod === null ? undefined : route?.pods[start.pod];
  const since = (atMs: number | null | undefined): number | null => firstSince(start, null, atMs);
  return {
    pod: start.pod ?? '',
    receivedAtMs: start.receivedAtMs,
    sampledAtMs: since(start.sampledAtMs),
    decidedAtMs: since(start.decidedAtMs),
    appliedAtMs: since(start.appliedAtMs),
    podAppearedAtMs: since(pod?.appearedAtMs),
    podAddressKnownAtMs: since(pod?.addressKnownAtMs),
    connectedAtMs: since(start.connectedAtMs),
    podReadyAtMs: since(pod?.readyAtMs),
    firstByteAtMs: start.firstByteAtMs,
    lastByteAtMs: end.atMs,
    status: end.status,
    waited: start.waited,
  };
};
