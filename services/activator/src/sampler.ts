/** Publishes what this activator sees: each second in full, and at once what must not wait. */
import {
  encodeUnchained,
  type FlyballEvent,
  partitionOf,
  type SamplesReportedData,
  samplesSubject,
} from '@flyball/contracts';
import type { Append } from '@flyball/event-log';
import type { Identity } from './identity.ts';
import type { Upstream } from './upstream.ts';
import type { Level } from './urgent.ts';

const secondMs = 1_000;
const milli = 1_000;
/** While NATS is away: how long a whole second is worth telling, and how long a level is. */
export const keepForMs = { second: 60_000, level: 1_000 } as const;

export interface SamplerOptions {
  readonly identity: Identity;
  readonly partitionCount: number;
  readonly nowMs: () => number;
  readonly upstreams: () => Iterable<Upstream>;
  /** Sends one batch, unless it takes longer than that: then it is given up and counted there. */
  readonly send: (batch: Append, keepForMs: number) => void;
}

export interface Sampler {
  /** Tells the whole second that began at `secondAtMs`, one batch per partition. */
  tellSecond(secondAtMs: number): void;
  /** Tells these workloads at once, in one partial batch per partition. */
  tellNow(levels: Iterable<Level>): void;
}

interface MutableRows {
  readonly rows: {
    [Column in keyof SamplesReportedData['rows']]: SamplesReportedData['rows'][Column];
  };
  readonly covered: SamplesReportedData['covered'];
}

const emptyRows = (): MutableRows => ({
  rows: { workloads: [], concurrencyMilli: [], requestsMilli: [], inFlight: [], traceparents: [] },
  covered: [],
});

interface Row {
  /** Null: it could not be measured. */
  readonly concurrencyMilli: number | null;
  readonly requestsMilli: number | null;
  /** At the time of telling. */
  readonly inFlight: number;
}

const addRow = ({ rows }: MutableRows, upstream: Upstream, row: Row): void => {
  rows.workloads.push(upstream.workload);
  rows.concurrencyMilli.push(row.concurrencyMilli);
  rows.requestsMilli.push(row.requestsMilli);
  rows.inFlight.push(row.inFlight);
  rows.traceparents.push(upstream.coldStart?.traceparent ?? null);
};

/** Watched: it has pods, or was asked to have some. An idle one of these is zero, not unknown. */
const isCovered = (upstream: Upstream): boolean =>
  upstream.pods.pods.length > 0 || (upstream.route?.desiredReplicas ?? 0) > 0;

const byPartition = <Value>(count: number, make: () => Value) => {
  const parts = new Map<number, Value>();
  return {
    of: (upstream: Upstream): Value => {
      const partition = partitionOf(upstream.workload, count);
      const known = parts.get(partition) ?? make();
      parts.set(partition, known);
      return known;
    },
    parts,
  };
};

const batchOf = (
  identity: Identity,
  partition: number,
  atMs: number,
  told: { readonly secondAtMs: number; readonly partial: boolean; readonly count: number },
  rows: MutableRows,
): Append => {
  const source = `activator-${identity.instance}`;
  const { secondAtMs, partial, count } = told;
  const event: FlyballEvent<'SamplesReported'> = {
    // A clock that was set back tells a second again: the log must not take it for the same.
    id: `${source}:${partition}:${secondAtMs}:${count}`,
    type: 'SamplesReported',
    pen: 'samples',
    partition,
    source: identity.source,
    atMs,
    data: { source, secondAtMs, partial, ...rows },
  };
  const traceparent = rows.rows.traceparents.find((one) => one !== null);
  const traced = traceparent === undefined ? event : { ...event, traceparent };
  return { subject: samplesSubject(partition), id: event.id, body: encodeUnchained(traced) };
};

const blind = { concurrencyMilli: null, requestsMilli: null };

/**
 * What there is to say of a workload's second: a row; `zero` when it is only covered; undefined
 * when nobody was watching it, so that a burst later is not diluted by what was never measured.
 */
const tellingOf = (upstream: Upstream, secondAtMs: number): Row | 'zero' | undefined => {
  const { meter, sinceMs } = upstream;
  const second = meter.roll(secondAtMs);
  const { inFlight } = meter;
  const watched = isCovered(upstream);
  if (second === null) {
    if (secondAtMs + secondMs <= sinceMs) return watched ? 'zero' : undefined;
    // The clock was set back: this second is not the one that was measured under its name.
    return watched || inFlight > 0 ? { ...blind, inFlight } : undefined;
  }
  const { concurrencyMilli, requests } = second;
  const busy = concurrencyMilli > 0 || requests > 0;
  if (busy || (watched && inFlight > 0)) {
    return { concurrencyMilli, requestsMilli: requests * milli, inFlight };
  }
  return watched ? 'zero' : undefined;
};

/** A partial batch states the level of this moment; the full second replaces it by its average. */
const rowOfLevel = (inFlight: number): Row => ({
  concurrencyMilli: inFlight * milli,
  requestsMilli: 0,
  inFlight,
});

export const createSampler = (options: SamplerOptions): Sampler => {
  const { identity, partitionCount, nowMs, send } = options;
  let count = 0;
  return {
    tellSecond: (secondAtMs) => {
      const batches = byPartition(partitionCount, emptyRows);
      for (const upstream of options.upstreams()) {
        const telling = tellingOf(upstream, secondAtMs);
        if (telling === undefined) continue;
        const rows = batches.of(upstream);
        if (telling === 'zero') rows.covered.push(upstream.workload);
        else addRow(rows, upstream, telling);
      }
      count += 1;
      const told = { secondAtMs, partial: false, count };
      for (const [partition, rows] of batches.parts) {
        send(batchOf(identity, partition, nowMs(), told, rows), keepForMs.second);
      }
    },
    tellNow: (levels) => {
      const atMs = nowMs();
      const batches = byPartition(partitionCount, emptyRows);
      for (const [upstream, inFlight] of levels) {
        addRow(batches.of(upstream), upstream, rowOfLevel(inFlight));
        if (upstream.coldStart !== null) upstream.coldStart.sampledAtMs ??= atMs;
      }
      count += 1;
      const secondAtMs = atMs - (atMs % secondMs);
      const told = { secondAtMs, partial: true, count };
      for (const [partition, rows] of batches.parts) {
        send(batchOf(identity, partition, atMs, told, rows), keepForMs.level);
      }
    },
  };
};
