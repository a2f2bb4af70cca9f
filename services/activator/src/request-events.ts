/** The activator's own pen: counts of held requests, cold starts, and calls to wake a workload. */
import {
  chainStart,
  type EventDataByName,
  encodeEvent,
  eventFrom,
  type FlyballEvent,
  partitionOf,
  subjectOf,
  type WorkloadKey,
  workloadSubject,
} from '@flyball/contracts';
import { countedSince } from '@flyball/domain';
import type { Append } from '@flyball/event-log';
import { statedWith } from './cold-start.ts';
import type { Identity } from './identity.ts';
import type { OnStored } from './outbox.ts';
import type { Upstream } from './upstream.ts';

/** A workload is called for when its requests have waited this long and no pod has appeared. */
export const wakeAfterMs = 500;
/** It is called for again this often. */
export const wakeEveryMs = 1_000;

type RequestEvent = 'RequestsCounted' | 'ColdStartCompleted' | 'WakeRequested';

export interface RequestEventsOptions {
  readonly identity: Identity;
  readonly partitionCount: number;
  readonly nowMs: () => number;
  /** False: the message was not taken, and counts as never said. */
  readonly send: (message: Append, onStored?: OnStored) => boolean;
  /** While a count is on its way the next one waits: it says then what both would have said. */
  readonly isPending: (subject: string) => boolean;
  /** Told of each call for a workload that is stored; nobody is unless given. */
  readonly onWakeStored?: (wake: FlyballEvent<'WakeRequested'>, seq: number | null) => void;
}

export interface RequestEvents {
  /** Writes what the ledgers have gained since the last call, one message per workload. */
  count(upstreams: Iterable<Upstream>): void;
  /** Calls for the workloads at which requests wait and no pod is known. */
  wake(upstreams: Iterable<Upstream>): void;
  /** Gives the id of the event that says it; undefined when it was not taken. */
  coldStart(
    workload: WorkloadKey,
    data: EventDataByName['ColdStartCompleted'],
    traceparent: string,
  ): string | undefined;
}

interface Writing<Name extends RequestEvent> {
  readonly traceparent: string | undefined;
  readonly onStored?: (event: FlyballEvent<Name>, seq: number | null) => void;
}

/** Writes an event of one workload, and gives its id; undefined when it was not taken. */
type Write = <Name extends RequestEvent>(
  workload: WorkloadKey,
  type: Name,
  data: EventDataByName[Name],
  writing: Writing<Name>,
) => string | undefined;

const createWrite = (options: RequestEventsOptions): Write => {
  const { identity, partitionCount, nowMs } = options;
  const chains = new Map<string, string>();
  return (workload, type, data, { traceparent, onStored }) => {
    const event = eventFrom({
      type,
      pen: 'requests',
      workload,
      partition: partitionOf(workload, partitionCount),
      source: identity.source,
      cause: identity.observe(nowMs(), traceparent),
      data,
    });
    const subject = subjectOf(event, identity.instance);
    const { body, chain } = encodeEvent(event, chains.get(subject) ?? chainStart);
    const message = { subject, id: event.id, body };
    const traced = traceparent === undefined ? message : { ...message, traceparent };
    const tell = onStored === undefined ? undefined : (seq: number | null) => onStored(event, seq);
    if (!options.send(traced, tell)) return undefined;
    chains.set(subject, chain);
    return event.id;
  };
};

/** A pod exists that does not end: it will serve, however long it takes to start. */
const hasPodToCome = ({ route }: Upstream): boolean =>
  Object.values(route?.pods ?? {}).some((pod) => !pod.closed);

/** The pen of one activator process. */
export const createRequestEvents = (options: RequestEventsOptions): RequestEvents => {
  const { identity, partitionCount, nowMs, onWakeStored } = options;
  const wokenAtMs = new WeakMap<Upstream, number>();
  const write = createWrite(options);

  const isPending = ({ workload }: Upstream): boolean => {
    const partition = partitionOf(workload, partitionCount);
    return options.isPending(workloadSubject(partition, workload, 'requests', identity.instance));
  };

  const countOne = (upstream: Upstream): void => {
    const totals = { ...upstream.holding.ledger };
    const data = countedSince(upstream.counted, totals, upstream.waitedMaxMs);
    if (data === undefined || isPending(upstream)) return;
    const traceparent = statedWith(upstream.coldStart)?.traceparent;
    if (write(upstream.workload, 'RequestsCounted', data, { traceparent }) === undefined) return;
    upstream.counted = totals;
    upstream.waitedMaxMs = 0;
  };

  const wakeOne = (upstream: Upstream, atMs: number): void => {
    const { waiting } = upstream.holding.ledger;
    const since = upstream.waitingSinceMs;
    if (waiting === 0 || since === null || hasPodToCome(upstream)) return;
    if (atMs - since < wakeAfterMs || isPending(upstream)) return;
    if (Math.abs(atMs - (wokenAtMs.get(upstream) ?? 0)) < wakeEveryMs) return;
    wokenAtMs.set(upstream, atMs);
    const data = { waiting, waitingSinceMs: since };
    write(upstream.workload, 'WakeRequested', data, {
      traceparent: statedWith(upstream.coldStart)?.traceparent,
      ...(onWakeStored === undefined ? {} : { onStored: onWakeStored }),
    });
  };

  return {
    count: (upstreams) => {
      for (const upstream of upstreams) countOne(upstream);
    },
    wake: (upstreams) => {
      const atMs = nowMs();
      for (const upstream of upstreams) wakeOne(upstream, atMs);
    },
    coldStart: (workload, data, traceparent) =>
      write(workload, 'ColdStartCompleted', data, { traceparent }),
  };
};
