/** The moments of one cold start: from the request that found no pod to its last byte. */
import type { EventDataByName } from '@flyball/contracts';
import type { WorkloadRoute } from '@flyball/domain';
import type { ProxyRequest } from '@flyball/proxy';
import type { RequestContexts, StatedContext } from './request-context.ts';
import { noPodSinceMs, traceOf } from './request-trace.ts';

export type Moments = EventDataByName['ColdStartCompleted'];

export interface ColdStart {
  /**
   * The request whose way is followed. Null: it left before a pod came, and the next one of those
   * that waited with it is followed instead.
   */
  request: object | null;
  /** The followed request's: what samples, events and its pod are told. */
  stated: StatedContext;
  receivedAtMs: number;
  sampledAtMs: number | null;
  decidedAtMs: number | null;
  appliedAtMs: number | null;
  /** The ScaleApplied of that moment, if it belongs to this trace. */
  appliedId: string | null;
  connectedAtMs: number | null;
  firstByteAtMs: number | null;
  pod: string | null;
  /** Requests that waited when the pod was reached. */
  waited: number;
}

/** Begins with the request that found no pod. */
export const beginColdStart = (
  request: ProxyRequest,
  contexts: RequestContexts,
  receivedAtMs: number,
): ColdStart => ({
  request,
  stated: contexts.followed(request.traceparent),
  receivedAtMs,
  sampledAtMs: null,
  decidedAtMs: null,
  appliedAtMs: null,
  appliedId: null,
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

const isOfTrace = ({ stated }: ColdStart, traceparent: string | null): boolean =>
  traceparent?.includes(stated.context.traceId) === true;

/** Keeps the first decision for pods, and the first scale applied, since the request came. */
export const noteRoute = (start: ColdStart, route: WorkloadRoute): void => {
  if ((route.desiredReplicas ?? 0) === 0) return;
  start.decidedAtMs = firstSince(start, start.decidedAtMs, route.decidedAtMs);
  if (start.appliedAtMs !== null) return;
  start.appliedAtMs = firstSince(start, null, route.appliedAtMs);
  const { applied } = route;
  if (start.appliedAtMs === null || applied === null) return;
  if (isOfTrace(start, applied.traceparent)) start.appliedId = applied.id;
};

/**
 * Where what is told of a workload now belongs: to its cold start until that is being answered. As
 * long as the answer then lasts, what comes is others'.
 */
export const statedWith = (start: ColdStart | null): StatedContext | null =>
  start !== null && start.firstByteAtMs === null ? start.stated : null;

/** A request has to wait; told as an ordinary one, it is told with whom. */
export const noteHeld = (request: ProxyRequest, start: ColdStart | null): void => {
  const trace = traceOf(request);
  if (trace === null) return;
  trace.wasHeld = true;
  trace.heldWith ??= statedWith(start)?.context ?? null;
};

/** The request that was followed has left: this one takes its place, if it waited as well. */
export const takePlace = (
  start: ColdStart,
  request: ProxyRequest,
  contexts: RequestContexts,
): void => {
  const sinceMs = noPodSinceMs(request);
  if (sinceMs === null) return;
  start.request = request;
  start.receivedAtMs = sinceMs;
  start.stated = contexts.successor(start.stated.context);
};

/** The first pod that was made since the request came: where none was reached, it was for it. */
const podMadeFor = (start: ColdStart, route: WorkloadRoute | undefined): string | null => {
  const made = Object.entries(route?.pods ?? {})
    .filter(([, { appearedAtMs }]) => appearedAtMs >= start.receivedAtMs)
    .toSorted(([, one], [, other]) => one.appearedAtMs - other.appearedAtMs);
  return made[0]?.[0] ?? null;
};

/** The moments of the followed request when it has ended, well or badly. */
export const coldStartMoments = (
  start: ColdStart,
  route: WorkloadRoute | undefined,
  end: { readonly atMs: number; readonly status: number },
): Moments => {
  const podId = start.pod ?? podMadeFor(start, route);
  const pod = podId === null ? undefined : route?.pods[podId];
  const since = (atMs: number | null | undefined): number | null => firstSince(start, null, atMs);
  return {
    pod: podId ?? '',
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
