/** The streams and buckets as they have to be; servers from 2.9 on know all of it. */
import { buckets, defaultPartitionCount, streams } from '@flyball/contracts';
import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { describeEvents } from '../partition-count.ts';

export interface StreamOptions {
  /** Fixed for the life of the log: a workload's partition is a hash modulo this. */
  readonly partitionCount: number;
  /** A little over the longest window in use. */
  readonly sampleMaxAgeMs: number;
  /** 0 keeps minutes for ever. */
  readonly minutesMaxAgeMs: number;
  /** 0 keeps events for ever. */
  readonly eventsMaxAgeMs: number;
  /** How long the server recognises an id; longer than all tries of one append together. */
  readonly duplicateWindowMs: number;
  /** Copies of each stream; more than 1 needs a cluster. */
  readonly replicas: number;
  readonly storage: 'file' | 'memory';
}

export const defaultStreamOptions: StreamOptions = {
  partitionCount: defaultPartitionCount,
  sampleMaxAgeMs: 180_000,
  minutesMaxAgeMs: 0,
  eventsMaxAgeMs: 0,
  duplicateWindowMs: 120_000,
  replicas: 1,
  storage: 'file',
};

/** Dead letters are for people; older ones go first. */
const deadLettersMax = 100_000;

export type WantedStream = Partial<StreamConfig> & { readonly name: string };

const storageOf = ({ storage }: StreamOptions): StorageType =>
  storage === 'file' ? StorageType.File : StorageType.Memory;

const stream = (
  options: StreamOptions,
  name: string,
  subject: string,
  maxAgeMs: number,
): WantedStream => {
  const shared = {
    name,
    subjects: [subject],
    storage: storageOf(options),
    num_replicas: options.replicas,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_age: nanos(maxAgeMs),
    // The server refuses a window longer than the messages live.
    duplicate_window: nanos(
      maxAgeMs === 0 ? options.duplicateWindowMs : Math.min(options.duplicateWindowMs, maxAgeMs),
    ),
    max_msgs: -1,
    allow_direct: true,
    allow_rollup_hdrs: false,
    deny_delete: true,
  };
  return shared;
};

const bucket = (options: StreamOptions, name: string): WantedStream => ({
  name: `KV_${name}`,
  subjects: [`$KV.${name}.>`],
  // Ownership outlives a restart of the server only in a file.
  storage: StorageType.File,
  num_replicas: options.replicas,
  max_msgs_per_subject: 1,
  max_age: 0,
  discard: DiscardPolicy.New,
  allow_direct: true,
  // One message that rolls up all would take every other pen's keys, whatever its subject.
  allow_rollup_hdrs: false,
});

/** Every stream and bucket for these options, as the server's configuration says it. */
export const wantedStreams = (options: StreamOptions): readonly WantedStream[] => [
  {
    ...stream(options, streams.events, 'flyball.events.>', options.eventsMaxAgeMs),
    description: describeEvents(options.partitionCount),
  },
  {
    ...stream(options, streams.samples, 'flyball.samples.>', options.sampleMaxAgeMs),
    discard: DiscardPolicy.Old,
  },
  stream(options, streams.minutes, 'flyball.minutes.>', options.minutesMaxAgeMs),
  {
    ...stream(options, streams.deadLetters, 'flyball.deadletters.>', 0),
    discard: DiscardPolicy.Old,
    max_msgs: deadLettersMax,
  },
  bucket(options, buckets.leases),
  bucket(options, buckets.snapshots),
];
