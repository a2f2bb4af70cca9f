/** Everything recorded of one workload, read from its own subjects, its minutes, and late ticks. */
import {
  decodeEvent,
  minutesSubject,
  partitionOf,
  partitionSubject,
  type RecordedEvent,
  type WorkloadKey,
  workloadFilter,
} from '@flyball/contracts';
import type { RecordedTick, WorkloadHistory } from '@flyball/domain';
import type { EventStream, StoredMessage } from '@flyball/event-log';
import { ChainCheck, type ChainVerdict } from './chain-check.ts';
import { readWhole } from './read-whole.ts';
import type { Reader } from './reader.ts';

export interface UnreadableMessage {
  readonly subject: string;
  readonly seq: number;
  readonly reason: string;
}

export interface RecordedWorkload {
  readonly history: WorkloadHistory;
  readonly chain: ChainVerdict;
  /** Stored documents that are not events; the stages put them aside as well. */
  readonly unreadable: readonly UnreadableMessage[];
}

/** What the `ticks` subject of a partition still holds. */
export const readTicks = async (
  { log }: Reader,
  partition: number,
  signal: AbortSignal,
): Promise<readonly RecordedTick[]> => {
  const ticks: RecordedTick[] = [];
  const filter = partitionSubject(partition, 'ticks');
  for await (const batch of readWhole(log.events, { filter, afterSeq: 0, signal })) {
    for (const { body, subject, seq } of batch) {
      const decoded = decodeEvent(body, subject, seq);
      if (decoded.ok && decoded.event.type === 'TickObserved') ticks.push(decoded.event);
    }
  }
  return ticks;
};

/** Those of EVENTS and MINUTES that let go of what is old. Rejects with NATS_… errors. */
export const readAgingStreams = async ({
  log: { events, minutes },
}: Reader): Promise<ReadonlySet<string>> => {
  const aging = async (stream: EventStream): Promise<readonly string[]> =>
    (await stream.state()).maxAgeMs === 0 ? [] : [stream.name];
  return new Set([...(await aging(events)), ...(await aging(minutes))]);
};

export interface ReadingOfWorkload {
  readonly ticks: readonly RecordedTick[];
  readonly signal: AbortSignal;
  /** Streams whose first message of a subject need not be the first that was written. */
  readonly aging?: ReadonlySet<string>;
}

/**
 * Reads the workload. `ticks` must have been read before this is called: what is purged from them
 * in between is in the minutes then.
 */
export const readRecordedWorkload = async (
  { log, partitionCount }: Reader,
  workload: WorkloadKey,
  { ticks, signal, aging = new Set() }: ReadingOfWorkload,
): Promise<RecordedWorkload> => {
  const partition = partitionOf(workload, partitionCount);
  const chain = new ChainCheck();
  const unreadable: UnreadableMessage[] = [];
  const take = (message: StoredMessage, isAging: boolean): readonly RecordedEvent[] => {
    const { body, subject, seq } = message;
    chain.take(message, isAging);
    const decoded = decodeEvent(body, subject, seq);
    if (decoded.ok) return [decoded.event];
    unreadable.push({ subject, seq, reason: decoded.reason });
    return [];
  };
  const readAll = async (stream: EventStream, filter: string): Promise<RecordedEvent[]> => {
    const found: RecordedEvent[] = [];
    for await (const batch of readWhole(stream, { filter, afterSeq: 0, signal })) {
      const isAging = aging.has(stream.name);
      for (const message of batch) found.push(...take(message, isAging));
    }
    return found;
  };
  const events = await readAll(log.events, workloadFilter(partition, workload));
  const recorded = await readAll(log.minutes, minutesSubject(partition, workload));
  const minutes = recorded.filter((event) => event.type === 'MinuteRecorded');
  return { history: { workload, events, minutes, ticks }, chain: chain.verdict(), unreadable };
};
