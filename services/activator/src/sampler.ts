/** Publishes what this activator sees: each second in full, and at once what must not wait. */
import {
  encodeUnchained,
  type FlyballEvent,
  partitionOf,
  type SamplesReportedData,
  samplesSubject,
} from '@flyball/contracts';
import type { Append } from '@flyball/event-log';
import { rowSpansMax } from '@flyball/telemetry';
import { statedWith } from './cold-start.ts';
import type { Identity } from './identity.ts';
import type { OnStored } from './outbox.ts';
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
  readonly send: (batch: Append, keepForMs: number, onStored?: OnStored) => void;
  /**
   * Told of each batch that is stored, with the rows of those workloads only at which requests wait
   * that nothing has been decided for yet, `rowSpansMax` at most. Nobody is told unless given.
   */
  readonly onStored?: (batch: SampleBatch, seq: number | null) => void;
}

type SampleBatch = FlyballEvent<'SamplesReported'>;

export interface Sampler {
  /** Tells the whole second that began at `secondAtMs`, one batch per partition. */
  tellSecond(secondAtMs: number): void;
  /** Tells these workloads at once, in one partial batch per partition. */
  tellNow(levels: Iterable<Level>): void;
}

interface MutableBatch {
  readonly rows: {
    [Column in keyof SamplesReportedData['rows']]: SamplesReportedData['rows'][Column];
  };
  readonly covered: SamplesReportedData['covered'];
  /** Places of the rows whose requests wait for a decision, not more than are told of. */
  readonly undecided: number[];
}

const emptyBatch = (): MutableBatch => ({
  rows: { workloads: [], concurrencyMilli: [], requestsMilli: [], inFlight: [], traceparents: [] },
  covered: [],
  undecided: [],
});

interface Row {
  /** Null: it could not be measured. */
  readonly concurrencyMilli: number | null;
  readonly requestsMilli: number | null;
  /** When it is told; of a level, the level. */
  readonly inFlight: number;
}

const addRow = ({ rows, undecided }: MutableBatch, upstream: Upstream, row: Row): void => {
  const { coldStart } = upstream;
  const stated = statedWith(coldStart);
  const isUndecided = stated !== null && coldStart?.decidedAtMs === null;
  if (isUndecided && undecided.length < rowSpansMax) undecided.push(rows.workloads.length);
  rows.workloads.push(upstream.workload);
  rows.concurrencyMilli.push(row.concurrencyMilli);
  rows.requestsMilli.push(row.requestsMilli);
  rows.inFlight.push(row.inFlight);
  rows.traceparents.push(stated?.traceparent ?? null);
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

interface ToldSecond {
  readonly secondAtMs: number;
  readonly partial: boolean;
  readonly count: number;
}

const eventOf = (
  identity: Identity,
  partition: number,
  atMs: number,
  { secondAtMs, partial, count }: ToldSecond,
  { rows, covered }: MutableBatch,
): SampleBatch => {
  const source = `activator-${identity.instance}`;
  const event: SampleBatch = {
    // A clock that was set back tells a second again: the log must not take it for the same.
    id: `${source}:${partition}:${secondAtMs}:${count}`,
    type: 'SamplesReported',
    pen: 'samples',
    partition,
    source: identity.source,
    atMs,
    data: { source, secondAtMs, partial, rows, covered },
  };
  const traceparent = rows.traceparents.find((one) => one !== null);
  return traceparent === undefined || traceparent === null ? event : { ...event, traceparent };
};

const appendOf = (event: SampleBatch): Append => {
  const { id, traceparent } = event;
  const message = { subject: samplesSubject(event.partition), id, body: encodeUnchained(event) };
  return traceparent === undefined ? message : { ...message, traceparent };
};

/** The same batch, with these of its rows only. */
const withRows = (event: SampleBatch, places: readonly number[]): SampleBatch => {
  const { rows } = event.data;
  const pick = <Value>(column: readonly Value[]): Value[] =>
    places.map((place) => column[place] as Value);
  const picked = {
    workloads: pick(rows.workloads),
    concurrencyMilli: pick(rows.concurrencyMilli),
    requestsMilli: pick(rows.requestsMilli),
    inFlight: pick(rows.inFlight),
    traceparents: pick(rows.traceparents),
  };
  return { ...event, data: { ...event.data, rows: picked } };
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

/**
 * A partial batch states a level, of this moment or an average of the last ones; the full second
 * replaces it by its own average.
 */
const rowOfLevel = (inFlight: number): Row => ({
  concurrencyMilli: inFlight * milli,
  requestsMilli: 0,
  inFlight,
});

export const createSampler = (options: SamplerOptions): Sampler => {
  const { identity, partitionCount, nowMs, onStored } = options;
  let count = 0;
  const send = (event: SampleBatch, { undecided }: MutableBatch, keepMs: number): void => {
    const tell =
      onStored === undefined || undecided.length === 0
        ? undefined
        : (seq: number | null) => onStored(withRows(event, undecided), seq);
    options.send(appendOf(event), keepMs, tell);
  };
  return {
    tellSecond: (secondAtMs) => {
      const batches = byPartition(partitionCount, emptyBatch);
      for (const upstream of options.upstreams()) {
        const telling = tellingOf(upstream, secondAtMs);
        if (telling === undefined) continue;
        const batch = batches.of(upstream);
        if (telling === 'zero') batch.covered.push(upstream.workload);
        else addRow(batch, upstream, telling);
      }
      count += 1;
      const told = { secondAtMs, partial: false, count };
      for (const [partition, batch] of batches.parts) {
        send(eventOf(identity, partition, nowMs(), told, batch), batch, keepForMs.second);
      }
    },
    tellNow: (levels) => {
      const atMs = nowMs();
      const batches = byPartition(partitionCount, emptyBatch);
      for (const [upstream, inFlight] of levels) {
        addRow(batches.of(upstream), upstream, rowOfLevel(inFlight));
        const { coldStart } = upstream;
        if (coldStart?.firstByteAtMs === null) coldStart.sampledAtMs ??= atMs;
      }
      count += 1;
      const secondAtMs = atMs - (atMs % secondMs);
      const told = { secondAtMs, partial: true, count };
      for (const [partition, batch] of batches.parts) {
        send(eventOf(identity, partition, atMs, told, batch), batch, keepForMs.level);
      }
    },
  };
};
