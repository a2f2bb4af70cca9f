/** The request that found no pod, and the pod that came for it. */
import type { FlyballEvent, WorkloadKey } from '@flyball/contracts';
import type { FinishedSpan, SpanContext } from '../finished-span.ts';
import type { Phase } from '../phases.ts';
import { spanIdOf } from '../trace-ids.ts';
import { belowRequest, type RequestFacts, requestSpans } from './request-spans.ts';

export interface ColdStartStory {
  /** The event; of a request that was not answered well there is none, but what it would say. */
  readonly event: { readonly data: Moments; readonly id?: string };
  readonly workload: WorkloadKey;
  readonly request: RequestFacts;
  /** The id of the ScaleApplied that made the pod; null when that is not known. */
  readonly appliedEventId: string | null;
  /** What went wrong, where more is known of it than its status says. */
  readonly error?: string;
  /** Its client's span, where it is told in another trace than its client's. */
  readonly askedBy?: SpanContext;
}

type Moments = FlyballEvent<'ColdStartCompleted'>['data'];

/**
 * All that the activator knows of a cold start: the request with its parts, and the pod from the
 * moment of its scale on. Times are those of the event. The pod's spans lie below the scale.
 */
export const coldStartSpans = (story: ColdStartStory): FinishedSpan[] => {
  const { data, id } = story.event;
  const pod = data.pod === '' ? null : data.pod;
  const { request, workload, error, askedBy } = story;
  return [
    ...requestSpans({
      request,
      workload,
      pod,
      moments: { ...data, releasedAtMs: releasedAtMs(data) },
      status: data.status,
      waited: data.waited,
      ...(id === undefined ? {} : { eventId: id }),
      ...(error === undefined ? {} : { error }),
      ...(askedBy === undefined ? {} : { askedBy }),
    }),
    ...podSpans(story, pod),
  ];
};

/** It was held until it had a pod to go to; without one, until it was answered. */
const releasedAtMs = (data: Moments): number =>
  data.podAddressKnownAtMs ?? data.connectedAtMs ?? data.firstByteAtMs ?? data.lastByteAtMs;

/** Each moment of the pod ends what began with the one before it. */
const podSpans = (story: ColdStartStory, pod: string | null): FinishedSpan[] => {
  const { data } = story.event;
  const { context } = story.request;
  const applied = story.appliedEventId;
  const parentSpanId = applied === null ? context.spanId : spanIdOf(applied);
  const moments: readonly (readonly [Phase, number | null])[] = [
    ['pod created', data.podAppearedAtMs],
    ['pod started', data.podAddressKnownAtMs],
    ['pod ready', data.podReadyAtMs],
  ];
  const spans: FinishedSpan[] = [];
  let sinceMs = data.appliedAtMs ?? data.decidedAtMs ?? data.receivedAtMs;
  for (const [phase, atMs] of moments) {
    if (atMs === null) continue;
    const times = { startMs: Math.min(sinceMs, atMs), endMs: atMs };
    const below = { request: story.request, workload: story.workload, pod };
    spans.push({ ...belowRequest(below, phase, times), parentSpanId });
    // Not by when its scale was answered: the pod may have gone further by then.
    sinceMs = atMs;
  }
  return spans;
};
