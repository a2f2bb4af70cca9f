/** The stories of requests that cold starts followed, each told when it has ended. */
import type { EndReason, ProxyRequest } from '@flyball/proxy';
import {
  attributeNames,
  type ColdStartStory,
  coldStartSpans,
  contextFrom,
  type FinishedSpan,
  type Phase,
} from '@flyball/telemetry';
import type { ColdStart, Moments } from './cold-start.ts';
import { failureOf, requestFacts } from './request-facts.ts';
import type { Upstream } from './upstream.ts';

/** A pod that is called ready later than this after the request's end was not for it. */
const readyWithinMs = 60_000;
const podReady: Phase = 'pod ready';
const podPhases: ReadonlySet<unknown> = new Set<Phase>(['pod created', 'pod started', podReady]);

/** A followed request from its arrival to its end. */
export interface FollowedStory {
  readonly request: ProxyRequest;
  readonly start: ColdStart;
  readonly moments: Moments;
  readonly reason: EndReason;
  /** False: it left before it was answered, and another one is followed in its place. */
  readonly isOver: boolean;
  /** Of the ColdStartCompleted; absent when none was written. */
  readonly eventId?: string;
}

export interface FollowedStories {
  /** The spans of a request that has ended, well or badly. */
  ended(upstream: Upstream, end: FollowedStory): FinishedSpan[];
  /** More is known of a workload's pods: the span of one that was not ready by then. */
  routeChanged(upstream: Upstream): FinishedSpan[];
}

const storyOf = ({ workload }: Upstream, end: FollowedStory): ColdStartStory => {
  const { request, start, moments, eventId } = end;
  const { context } = start.stated;
  const error = failureOf(end.reason);
  // Whoever took the place of one that left is told in that one's trace, not in its client's.
  const client = request.traceparent === null ? undefined : contextFrom(request.traceparent);
  const isElsewhere = client !== undefined && client.traceId !== context.traceId;
  return {
    event: { data: moments, ...(eventId === undefined ? {} : { id: eventId }) },
    workload,
    request: requestFacts(request, context),
    appliedEventId: start.appliedId,
    ...(error === undefined ? {} : { error }),
    ...(isElsewhere ? { askedBy: client } : {}),
  };
};

/**
 * Those of the spans that are still to be told: a pod's are told once for each cold start, by the
 * one that left or by whoever was followed in its place.
 */
const createUntold = () => {
  const toldOf = new WeakMap<ColdStart, Set<string>>();
  return (start: ColdStart, spans: readonly FinishedSpan[]): FinishedSpan[] => {
    const told = toldOf.get(start) ?? new Set();
    toldOf.set(start, told);
    return spans.filter(({ attributes }) => {
      const phase = attributes[attributeNames.phase];
      if (!podPhases.has(phase)) return true;
      const key = `${attributes[attributeNames.pod]}:${phase}`;
      return !told.has(key) && told.add(key);
    });
  };
};

/**
 * A gateway connects as soon as a pod accepts; the platform calls it ready somewhat later, often
 * after the answer. That part of the story is told then.
 */
export const createFollowedStories = (): FollowedStories => {
  const unready = new WeakMap<Upstream, ColdStartStory>();
  const untold = createUntold();
  return {
    ended: (upstream, end) => {
      const story = storyOf(upstream, end);
      const spans = untold(end.start, coldStartSpans(story));
      // What comes later is its successor's to tell.
      if (!end.isOver) return spans;
      const { pod, podReadyAtMs } = end.moments;
      if (pod !== '' && podReadyAtMs === null) unready.set(upstream, story);
      else unready.delete(upstream);
      return spans;
    },
    routeChanged: (upstream) => {
      const story = unready.get(upstream);
      if (story === undefined) return [];
      const { data } = story.event;
      const podReadyAtMs = upstream.route?.pods[data.pod]?.readyAtMs ?? null;
      if (podReadyAtMs === null) return [];
      unready.delete(upstream);
      if (podReadyAtMs > data.lastByteAtMs + readyWithinMs) return [];
      const spans = coldStartSpans({ ...story, event: { data: { ...data, podReadyAtMs } } });
      return spans.filter(({ attributes }) => attributes[attributeNames.phase] === podReady);
    },
  };
};
