/** The moments of one cold start: from the request that found no pod to its last byte. */
import type { EventDataByName } from '@flyball/contracts';
import type { WorkloadRoute } from '@flyball/domain';

type Moments = EventDataByName['ColdStartCompleted'];

export interface ColdStart {
  /** The request whose way is followed; identity only. */
  readonly request: object;
  readonly traceparent: string;
  readonly receivedAtMs: number;
  sampledAtMs: number | null;
  connectedAtMs: number | null;
  firstByteAtMs: number | null;
  pod: string | null;
  /** Requests that waited when the pod was reached. */
  waited: number;
}

export const beginColdStart = (
  request: object,
  traceparent: string,
  receivedAtMs: number,
): ColdStart => ({
  request,
  traceparent,
  receivedAtMs,
  sampledAtMs: null,
  connectedAtMs: null,
  firstByteAtMs: null,
  pod: null,
  waited: 0,
});

/** A moment counts only when it lies after the request came: earlier ones belong to another start. */
const since = (receivedAtMs: number, atMs: number | null | undefined): number | null =>
  atMs === null || atMs === undefined || atMs < receivedAtMs ? null : atMs;

/** The event's data once the request has been answered. */
export const coldStartMoments = (
  start: ColdStart,
  route: WorkloadRoute | undefined,
  end: { readonly atMs: number; readonly status: number },
): Moments => {
  const pod = start.pod === null ? undefined : route?.pods[start.pod];
  const { receivedAtMs } = start;
  return {
    pod: start.pod ?? '',
    receivedAtMs,
    sampledAtMs: since(receivedAtMs, start.sampledAtMs),
    decidedAtMs: since(receivedAtMs, route?.decidedAtMs),
    appliedAtMs: since(receivedAtMs, route?.appliedAtMs),
    podAppearedAtMs: since(receivedAtMs, pod?.appearedAtMs),
    podAddressKnownAtMs: since(receivedAtMs, pod?.addressKnownAtMs),
    connectedAtMs: since(receivedAtMs, start.connectedAtMs),
    podReadyAtMs: since(receivedAtMs, pod?.readyAtMs),
    firstByteAtMs: start.firstByteAtMs,
    lastByteAtMs: end.atMs,
    status: end.status,
    waited: start.waited,
  };
};
