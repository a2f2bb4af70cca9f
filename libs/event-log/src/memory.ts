/** The event log in memory: the server's rules without a server, for tests and simulation. */
import { buckets, streams } from '@flyball/contracts';
import type { EventLog, StoredMessage } from './event-log.ts';
import { defaultStreamOptions } from './jetstream/wanted-streams.ts';
import { BucketStore } from './memory/bucket-store.ts';
import { MemoryBucket } from './memory/memory-bucket.ts';
import { MemoryLink } from './memory/memory-link.ts';
import { type AppendFaults, MemoryStream } from './memory/memory-stream.ts';
import { StreamStore } from './memory/stream-store.ts';
import { describeEvents } from './partition-count.ts';

export interface MemoryServerOptions {
  /** Milliseconds for stored times, ages and the duplicate window; always 0 unless given. */
  readonly nowMs: () => number;
  readonly partitionCount: number;
  readonly duplicateWindowMs: number;
  readonly sampleMaxAgeMs: number;
  readonly minutesMaxAgeMs: number;
  readonly eventsMaxAgeMs: number;
  /** Which the server looks at first: current servers at the fence, 2.9 at the id. */
  readonly checksFirst: 'fence' | 'id';
  readonly maxPayloadBytes: number;
  /** What becomes of each try of an append. */
  readonly faults: AppendFaults;
}

type StreamName = (typeof streams)[keyof typeof streams];

/** One server that several event logs (owners, services) share. */
export interface MemoryServer {
  connect(): MemoryEventLog;
  /** Forgets what is after `seq`, as a server does that lost power before its disk had it. */
  loseTail(stream: StreamName, seq: number): void;
  /** Remembers the leases; the returned function goes back to them, as such a server does. */
  keepLeases(): () => void;
  /** Tells each message of a stream as it is stored, in order; what is forgotten was told. */
  onStored(stream: StreamName, listener: (message: StoredMessage) => void): void;
  /** The last sequence that a stream has given. */
  lastSeq(stream: StreamName): number;
  /** Deletes a stream and makes it anew under the same name. */
  recreate(stream: StreamName): void;
}

/** A connection that can be cut and restored, as a real one is. */
export interface MemoryEventLog extends EventLog {
  disconnect(): void;
  reconnect(): void;
}

const defaultOptions: MemoryServerOptions = {
  ...defaultStreamOptions,
  sampleMaxAgeMs: 0,
  nowMs: () => 0,
  checksFirst: 'fence',
  maxPayloadBytes: 1024 * 1024,
  faults: () => 'none',
};

interface Stores {
  readonly streams: Readonly<Record<StreamName, StreamStore>>;
  readonly leases: BucketStore;
  readonly snapshots: BucketStore;
}

const makeStores = (options: MemoryServerOptions): Stores => {
  const stream = (maxAgeMs: number, description = '') =>
    new StreamStore({ ...options, maxAgeMs, description });
  return {
    streams: {
      EVENTS: stream(options.eventsMaxAgeMs, describeEvents(options.partitionCount)),
      SAMPLES: stream(options.sampleMaxAgeMs),
      MINUTES: stream(options.minutesMaxAgeMs),
      DEADLETTERS: stream(0),
    },
    leases: new BucketStore(options.nowMs),
    snapshots: new BucketStore(options.nowMs),
  };
};

const connectTo = (stores: Stores, options: MemoryServerOptions): MemoryEventLog => {
  const link = new MemoryLink();
  const stream = (name: StreamName) => new MemoryStream(name, stores.streams[name], link, options);
  const bucket = (name: 'leases' | 'snapshots') =>
    new MemoryBucket(name, stores[name], link, options.maxPayloadBytes);
  return {
    events: stream(streams.events),
    samples: stream(streams.samples),
    minutes: stream(streams.minutes),
    deadLetters: stream(streams.deadLetters),
    leases: bucket(buckets.leases),
    snapshots: bucket(buckets.snapshots),
    serverVersion: 'memory',
    status: () => link.status,
    connection: () => link.connectionNumber,
    onStatus: (listener) => link.onStatus(listener),
    close: async () => link.become('closed'),
    disconnect: () => link.become('disconnected'),
    reconnect: () => link.become('connected'),
  };
};

/** Starts a server in memory. No clock, no timers, no randomness: what happens is repeatable. */
export const startMemoryServer = (given: Partial<MemoryServerOptions> = {}): MemoryServer => {
  const options = { ...defaultOptions, ...given };
  const stores = makeStores(options);
  return {
    connect: () => connectTo(stores, options),
    loseTail: (stream, seq) => stores.streams[stream].loseTail(seq),
    keepLeases: () => stores.leases.keep(),
    onStored: (stream, listener) => void stores.streams[stream].listeners.push(listener),
    lastSeq: (stream) => stores.streams[stream].lastSeq,
    recreate: (stream) => stores.streams[stream].recreate(),
  };
};

/** An event log in memory on a server of its own. */
export const openMemoryEventLog = (options: Partial<MemoryServerOptions> = {}): MemoryEventLog =>
  startMemoryServer(options).connect();
