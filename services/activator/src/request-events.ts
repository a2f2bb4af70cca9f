/** The activator's own pen: counts of held requests, cold starts, and calls to wake a workload. */
import {
  chainStart,
  type EventDataByName,
  encodeEvent,
  eventFrom,
  partitionOf,
  subjectOf,
  type WorkloadKey,
  workloadSubject,
} from '@flyball/contracts';
import { countedSince } from '@flyball/domain';
import type { Append } from '@flyball/event-log';
import type { Identity } from './identity.ts';
import type { Upstream } from './upstream.ts';

/** A workload that waits without pods is called for again this often. */
const wakeEveryMs = 1_000;

type RequestEvent = 'RequestsCounted' | 'ColdStartCompleted' | 'WakeRequested';

export interface RequestEventsOptions {
  readonly identity: Identity;
  readonly partitionCount: number;
  readonly nowMs: () => number;
  readonly send: (message: Append) => void;
  /** While a count is on its way the next one waits: totals are never said twice or skipped. */
  readonly isPending: (subject: string) => boolean;
}

export interface RequestEvents {
  /** Writes what the ledgers have gained since the last call, one message per workload. */
  count(upstreams: Iterable<Upstream>): void;
  /** Calls for the workloads at which requests wait and no pod is. */
  wake(upstreams: Iterable<Upstream>): void;
  coldStart(
    workload: WorkloadKey,
    data: EventDataByName['ColdStartCompleted'],
    trace: string,
  ): void;
}

export const createRequestEvents = (options: RequestEventsOptions): RequestEvents => {
  const { identity, partitionCount, nowMs } = options;
  const chains = new Map<string, string>();
  const wokenAtMs = new WeakMap<Upstream, number>();

  const write = <Name extends RequestEvent>(
    workload: WorkloadKey,
    type: Name,
    data: EventDataByName[Name],
    traceparent?: string,
  ): void => {
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
    chains.set(subject, chain);
    options.send({ subject, id: event.id, body });
  };

  const subjectFor = (workload: WorkloadKey): string =>
    workloadSubject(partitionOf(workload, partitionCount), workload, 'requests', identity.instance);

  return {
    count: (upstreams) => {
      for (const upstream of upstreams) {
        if (options.isPending(subjectFor(upstream.workload))) continue;
        const totals = { ...upstream.holding.ledger };
        const data = countedSince(upstream.counted, totals, upstream.waitedMaxMs);
        if (data === undefined) continue;
        upstream.counted = totals;
        upstream.waitedMaxMs = 0;
        write(upstream.workload, 'RequestsCounted', data, upstream.coldStart?.traceparent);
      }
    },
    wake: (upstreams) => {
      const atMs = nowMs();
      for (const upstream of upstreams) {
        const { waiting } = upstream.holding.ledger;
        const since = upstream.waitingSinceMs;
        if (waiting === 0 || since === null) continue;
        if (options.isPending(subjectFor(upstream.workload))) continue;
        if (atMs - (wokenAtMs.get(upstream) ?? 0) < wakeEveryMs) continue;
        wokenAtMs.set(upstream, atMs);
        const data = { waiting, waitingSinceMs: since };
        write(upstream.workload, 'WakeRequested', data, upstream.coldStart?.traceparent);
      }
    },
    coldStart: (workload, data, trace) => write(workload, 'ColdStartCompleted', data, trace),
  };
};
