/** One workload's record as it is read: what is new since the last reading is folded on. */
import {
  decodeSamples,
  minutesSubject,
  OutsideError,
  partitionOf,
  partitionSubject,
  type RecordedEvent,
  samplesSubject,
  type WorkloadKey,
  workloadFilter,
} from '@flyball/contracts';
import type { EventStream, StoredMessage } from '@flyball/event-log';
import { type Reader, readDecoded } from '@flyball/reading';
import { overOneConnection } from '@flyball/service';
import { createEventLines, type EventLines, foldEvent } from './fold-events.ts';
import {
  createLoadLines,
  foldMinute,
  foldSamples,
  foldTick,
  type LoadLines,
} from './fold-loads.ts';
import type { Stretch } from './point-log.ts';

export interface Track {
  readonly workload: WorkloadKey;
  readonly events: EventLines;
  readonly loads: LoadLines;
  /** What it holds: older values were let go, newer ones passed by. */
  stretch(): Stretch;
  /** The connection over which all of it was read: over a later one the log may be another. */
  readonly connection: number;
  /**
   * Reads what is new. Rejects with NATS_… errors; it is of no use then, except that after
   * NATS_TIMEOUT, over the same connection, the next one goes on where this one ended.
   */
  refresh(signal: AbortSignal): Promise<void>;
}

/** All of it, or its events without its loads. */
export type TrackParts = 'all' | 'events';

interface Source {
  readonly stream: EventStream;
  readonly filter: string;
  /** What cannot be read is among the dead letters; the stages pass it over as well. */
  readonly take: (message: StoredMessage) => void;
  afterSeq: number;
}

const readOn = async (source: Source, signal: AbortSignal): Promise<void> => {
  const { stream, filter, afterSeq, take } = source;
  for await (const batch of stream.readToEnd({ filter, afterSeq, signal })) {
    for (const message of batch) {
      take(message);
      source.afterSeq = message.seq;
    }
  }
  if (!signal.aborted) return;
  throw new OutsideError(
    'NATS_TIMEOUT',
    `Reading ${filter} of ${stream.name} took longer than may be waited for.`,
    { retriable: true },
  );
};

const source = (stream: EventStream, filter: string, take: Source['take']): Source => ({
  stream,
  filter,
  take,
  afterSeq: 0,
});

const takeDecoded =
  (partitionCount: number, fold: (event: RecordedEvent) => void): Source['take'] =>
  (message) => {
    const event = readDecoded(message, partitionCount);
    if (event !== undefined) fold(event);
  };

const eventSource = (
  { log, partitionCount }: Reader,
  { workload, events, stretch }: Pick<Track, 'workload' | 'events' | 'stretch'>,
): Source =>
  source(
    log.events,
    workloadFilter(partitionOf(workload, partitionCount), workload),
    takeDecoded(partitionCount, (event) => foldEvent(events, event, stretch())),
  );

const loadSources = (
  { log, partitionCount }: Reader,
  { workload, loads }: Pick<Track, 'workload' | 'loads'>,
): readonly Source[] => {
  const partition = partitionOf(workload, partitionCount);
  return [
    // What is purged of ticks while we read, or before we go on reading, is in the minutes then:
    // those are read after them.
    source(
      log.events,
      partitionSubject(partition, 'ticks'),
      takeDecoded(partitionCount, (event) => {
        if (event.type === 'TickObserved') foldTick(loads, event);
      }),
    ),
    source(log.samples, samplesSubject(partition), ({ body, subject, seq }) => {
      const batch = decodeSamples(body, subject, seq);
      if (batch.ok) foldSamples(loads, batch.event);
    }),
    source(
      log.minutes,
      minutesSubject(partition, workload),
      takeDecoded(partitionCount, (event) => {
        if (event.type === 'MinuteRecorded') foldMinute(loads, event);
      }),
    ),
  ];
};

const dropBefore = ({ events, loads }: Pick<Track, 'events' | 'loads'>, atMs: number): void => {
  const { wanted, applied, ready, waiting, target } = events;
  const { concurrency, requests, stable, panic } = loads;
  for (const line of [
    wanted,
    applied,
    ready,
    waiting,
    target,
    concurrency,
    requests,
    stable,
    panic,
  ]) {
    line.dropBefore(atMs);
  }
};

/** Of a workload that is recorded; nothing is read yet. */
export const createTrack = (
  reader: Reader,
  workload: WorkloadKey,
  stretch: () => Stretch,
  parts: TrackParts = 'all',
): Track => {
  const folded = {
    workload,
    stretch,
    events: createEventLines(stretch),
    loads: createLoadLines(workload, stretch),
  };
  const sources = [
    ...(parts === 'all' ? loadSources(reader, folded) : []),
    eventSource(reader, folded),
  ];
  const { log } = reader;
  return {
    ...folded,
    connection: log.connection(),
    refresh: async (signal) => {
      await overOneConnection(log, async () => {
        for (const source of sources) await readOn(source, signal);
      });
      dropBefore(folded, stretch().fromMs);
    },
  };
};
