/** A trace made again from what is recorded: the same ids, fewer spans. */
import type { FlyballEvent, RecordedEvent, WorkloadKey } from '@flyball/contracts';
import { eventSentence } from '@flyball/reading';
import {
  applySpan,
  coldStartSpans,
  contextFrom,
  decideSpan,
  type FinishedSpan,
  type RequestFacts,
  traceIdOfEvent,
  wakeSpan,
} from '@flyball/telemetry';
import { createTraceStore, type ReceivedSpan } from '@flyball/telemetry/sink';
import type { TracedEvent } from './console-answers.ts';
import type { ShownTrace } from './shown-trace.ts';

/** An event, and when the log had it: the server's clock, for people only. */
export interface StoredEvent {
  readonly event: RecordedEvent;
  readonly storedAtMs: number;
}

/** The event of a cold start says when it was, and not what was asked for. */
const unrecorded: ReadonlySet<string> = new Set([
  'http.request.method',
  'url.scheme',
  'url.path',
  'server.address',
  'network.protocol.name',
]);

const withoutUnrecorded = (span: FinishedSpan): FinishedSpan => ({
  ...span,
  attributes: Object.fromEntries(
    Object.entries(span.attributes).filter(([name]) => !unrecorded.has(name)),
  ),
});

interface Recorded {
  readonly workload: WorkloadKey;
  readonly events: readonly StoredEvent[];
}

/** The scale after which the pod came: the first that a decision or a wake of this trace led to. */
const appliedIdIn = ({ events }: Recorded): string | null =>
  events.find(({ event }) => event.type === 'ScaleApplied')?.event.id ?? null;

const coldStartOf = (
  event: FlyballEvent<'ColdStartCompleted'>,
  recorded: Recorded,
): FinishedSpan[] => {
  const context = contextFrom(event.traceparent ?? '');
  if (context === undefined) return [];
  const request: RequestFacts = {
    context,
    parentSpanId: null,
    method: 'request',
    path: '',
    host: '',
    scheme: 'http',
    protocolVersion: null,
  };
  const { workload } = recorded;
  const story = { event, workload, request, appliedEventId: appliedIdIn(recorded) };
  return coldStartSpans(story).map(withoutUnrecorded);
};

/**
 * What a stage did is over when its event was stored; it began when its cause was. The event of an
 * action is of its end, so that the cause alone says when it began.
 */
const spansOf = (stored: StoredEvent, recorded: Recorded): FinishedSpan[] => {
  const { event, storedAtMs: endMs } = stored;
  const causeId = 'decisionId' in event.data ? event.data.decisionId : event.causationId;
  const cause = recorded.events.find((one) => one.event.id === causeId);
  const startMs = Math.max(event.atMs, cause?.storedAtMs ?? 0);
  const doing = { seq: event.seq, startMs, endMs };
  const causedAtMs = cause && Math.max(cause.event.atMs, cause.storedAtMs);
  const acting = { ...doing, startMs: causedAtMs ?? event.atMs };
  switch (event.type) {
    case 'Decided':
      return [decideSpan({ event, ...doing })];
    case 'ScaleApplied':
    case 'ScaleFailed':
    case 'ScaleSuperseded':
    case 'RoutingApplied':
    case 'RoutingFailed':
      return [applySpan({ event, ...acting })];
    case 'WakeRequested':
      return [wakeSpan({ event, ...doing })];
    case 'ColdStartCompleted':
      return coldStartOf(event, recorded);
    default:
      return [];
  }
};

/** `/flyball/activator/gw0` is of the service `flyball-activator`, of its instance `gw0`. */
const toldBy = (source: string): Pick<ReceivedSpan, 'service' | 'instance'> => {
  const [, , service = '', instance = ''] = source.split('/');
  return { service: `flyball-${service}`, instance };
};

const toldEvent = ({ event }: StoredEvent): TracedEvent => ({
  seq: event.seq,
  id: event.id,
  atMs: event.atMs,
  type: event.type,
  workload: event.workload ?? null,
  sentence: eventSentence(event),
  traceId: traceIdOfEvent(event),
});

/** The events of this trace among those of its workload. */
const eventsOfTrace = (events: readonly StoredEvent[], traceId: string): readonly StoredEvent[] =>
  events.filter(({ event }) => traceIdOfEvent(event) === traceId);

/** Undefined where nothing that was recorded of it is a span. */
export const recordedTrace = (
  workload: WorkloadKey,
  traceId: string,
  events: readonly StoredEvent[],
): ShownTrace | undefined => {
  const recorded = { workload, events: eventsOfTrace(events, traceId) };
  const store = createTraceStore();
  for (const stored of recorded.events) {
    const by = toldBy(stored.event.source);
    store.add(spansOf(stored, recorded).map((span) => ({ ...span, ...by })));
  }
  const found = store.get(traceId);
  if (found === undefined) return undefined;
  return { ...found, events: recorded.events.map(toldEvent), eventsAway: null, source: 'log' };
};
