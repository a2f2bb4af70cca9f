/** Reads a partition of the log into a stage's state, message by message, until it ends. */
import { partitionFilter } from '@flyball/contracts';
import type { Position, StoredMessage } from '@flyball/event-log';
import type { PositionCheck } from './position-check.ts';
import { createSlices } from './slices.ts';
import type { StageLoopOptions } from './stage-loop-options.ts';
import { appendsInFlightMax, type Writer } from './writer.ts';

export interface PartitionReading {
  readonly options: Pick<StageLoopOptions<unknown>, 'log' | 'partition' | 'clock' | 'metrics'>;
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
  const read = { stream: log.events.name, partition };
  const unwatch = metrics.queues.watch({
    queue: 'appends',
    limit: appendsInFlightMax,
    depth: writer.pending,
  });
  const batches = log.events.read({
    filter: partitionFilter(partition),
    afterSeq: position().seq,
    signal,
    onResume: () => metrics.readerResumes.inc(),
    onOpen: check.opened,
    onPending: (messages) => metrics.reading.pending(read, messages),
  });
  try {
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
      metrics.reading.taken(read, batch, clock.nowMs());
      await onBatch();
    }
  } finally {
    unwatch();
    metrics.reading.ended(read);
  }
};
