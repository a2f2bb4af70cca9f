/** Finds in the log what a trace is of: by its id or a beginning of it, or by an event's id. */
import {
  allWorkloadsFilter,
  parseSubject,
  partitionOf,
  type WorkloadKey,
  workloadFilter,
} from '@flyball/contracts';
import type { StoredMessage } from '@flyball/event-log';
import { type Reader, readDecoded, readWhole } from '@flyball/reading';
import { type TracedEvent as Traced, traceIdOfEvent } from '@flyball/telemetry';
import { recordedTrace, type StoredEvent } from './recorded-trace.ts';
import type { ShownTrace } from './shown-trace.ts';

/** Messages that are looked through where it is not known whose the trace is: the newest. */
const searchedMax = 200_000;

/** The pens whose events are spans, or are told below one. */
const tracedTails = /^(?:decisions|actions|requests\..*)$/;

/** An event as far as its ids need it; undefined for what is none. */
const tracedPartOf = ({ body }: StoredMessage): Traced | undefined => {
  try {
    const { id, traceparent, data } = JSON.parse(body) as Traced;
    return { id, data, ...(traceparent === undefined ? {} : { traceparent }) };
  } catch {
    return undefined;
  }
};

/** A trace, and whose it is. */
export interface FoundTrace {
  readonly traceId: string;
  readonly workload: WorkloadKey;
}

const foundIn = (message: StoredMessage): FoundTrace | undefined => {
  const { workload, tail = '' } = parseSubject(message.subject) ?? {};
  if (workload === undefined || !tracedTails.test(tail)) return undefined;
  const traced = tracedPartOf(message);
  if (traced === undefined) return undefined;
  // What activators count is told as a span only where a request is followed.
  if (traced.traceparent === undefined && tail.startsWith('requests')) return undefined;
  return { workload, traceId: traceIdOfEvent(traced) };
};

export interface Search {
  /** Of one workload only; undefined: of all. */
  readonly workload: WorkloadKey | undefined;
  readonly signal: AbortSignal;
}

const messagesOf = async function* (
  reader: Reader,
  { workload, signal }: Search,
): AsyncGenerator<StoredMessage> {
  const { events } = reader.log;
  const ofAll = workload === undefined;
  const filter = ofAll
    ? allWorkloadsFilter
    : workloadFilter(partitionOf(workload, reader.partitionCount), workload);
  const afterSeq = ofAll ? Math.max(0, (await events.state()).lastSeq - searchedMax) : 0;
  for await (const batch of readWhole(events, { filter, afterSeq, signal })) yield* batch;
};

/** Every trace whose id begins so, among the newest events; the newest last. */
export const findTraces = async (
  reader: Reader,
  prefix: string,
  search: Search,
): Promise<readonly FoundTrace[]> => {
  const found = new Map<string, FoundTrace>();
  for await (const message of messagesOf(reader, search)) {
    const one = foundIn(message);
    if (one?.traceId.startsWith(prefix) === true) found.set(one.traceId, one);
  }
  return [...found.values()];
};

/** Most ids end in the workload that the event is about. */
const workloadIn = (eventId: string): WorkloadKey | undefined => {
  const [, namespace, name] = /:([^:/]+)\/([^:/]+)$/.exec(eventId) ?? [];
  return namespace === undefined ? undefined : `${namespace}/${name}`;
};

/** The trace of the event of that id; undefined when none is found, or it is in no trace. */
export const findTraceOfEvent = async (
  reader: Reader,
  eventId: string,
  given: Search,
): Promise<FoundTrace | undefined> => {
  const search = { ...given, workload: given.workload ?? workloadIn(eventId) };
  for await (const message of messagesOf(reader, search)) {
    if (message.id === eventId) return foundIn(message);
  }
  return undefined;
};

/** The trace as the log has it; undefined where it has no more than its id. */
export const readRecordedTrace = async (
  reader: Reader,
  { traceId, workload }: FoundTrace,
  signal: AbortSignal,
): Promise<ShownTrace | undefined> => {
  const events: StoredEvent[] = [];
  for await (const message of messagesOf(reader, { workload, signal })) {
    if (foundIn(message)?.traceId !== traceId) continue;
    const event = readDecoded(message, reader.partitionCount);
    if (event !== undefined) events.push({ event, storedAtMs: message.storedAtMs });
  }
  return recordedTrace(workload, traceId, events);
};
