/** Reads a partition of the log into a stage's state, message by message, until it ends. */
import { partitionFilter } from '@flyball/contracts';
import type { EventLog, Position, StoredMessage } from '@flyball/event-log';
import type { Clock } from './clock.ts';
import type { PositionCheck } from './position-check.ts';
import { createSlices } from './slices.ts';
import type { StageMetrics } from './stage-metrics.ts';
import { appendsInFlightMax, type Writer } from './writer.ts';

export interface PartitionReading {
  readonly options: {
    readonly log: EventLog;
    readonly partition: number;
    readonly clock: Clock;
    readonly metrics: StageMetrics;
  };
  readonly signal: AbortSignal;
  readonly writer: Writer;
  readonly check: PositionCheck;
  /** Where the state is; it goes on with each message. */
  readonly position: () => Position;
  readonly take: (message: StoredMessage) => Promise<void>;
  /** After each message, and once before the first. */
  readonly onTaken: () => void;
  readonly onBatch: () => Promise<void>;
}

/** Ends with the signal; rejects with what `take` throws, and with what no retry can mend. */
export const readPartition = async (reading: PartitionReading): Promise<void> => {
  const { options, signal, writer, check, position, take, onTaken, onBatch } = reading;
  const { log, partition, clock, metrics } = options;
  onTaken();
  const batches = log.events.read({
    filter: partitionFilter(partition),
    afterSeq: position().seq,
    signal,
    onResume: () => metrics.readerResumes.inc(),
    onOpen: check.opened,
  });
  for await (const batch of batches) {
    await check.settled();
    const slices = createSlices(clock);
    for (const message of batch) {
      if (signal.aborted) return;
      await take(message);
      if (writer.pending() > appendsInFlightMax) await writer.settled();
      onTaken();
      await slices.next();
    }
    const ageMs = clock.nowMs() - (batch.at(-1)?.storedAtMs ?? 0);
    metrics.lagSeconds.set({ partition }, Math.max(0, ageMs) / 1_000);
    await onBatch();
  }
};
