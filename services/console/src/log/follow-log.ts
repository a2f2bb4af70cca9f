/** Follows every partition of the log for the fleet, through outages and logs made anew. */
import { OutsideError, streams } from '@flyball/contracts';
import { type EventLog, readPartitionCount } from '@flyball/event-log';
import { followPartition, type PartitionNews, type Reader, readTicks } from '@flyball/reading';
import { type Clock, retryPausesMs, sleep } from '@flyball/service';
import pLimit from 'p-limit';
import type { FleetSight } from '../fleet/fleet-sight.ts';
import { readBefore } from '../fleet/warm-up.ts';

/** Partitions that are read from their snapshots at the same time; following costs less. */
const catchUpsAtOnce = 8;

export interface LogFollower {
  /** Undefined while there is no log: not made yet, or being made anew. */
  reader(): Reader | undefined;
  /**
   * Runs until the signal aborts. What cannot be read now is tried again, for as long as it takes;
   * what is no error of the outside is thrown.
   */
  run(signal: AbortSignal): Promise<void>;
}

export interface FollowLogOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly sight: FleetSight;
  /** Told when a partition is folded anew: what was read of the log before counts no more. */
  readonly onAnew: () => void;
  /** Told why nothing can be read; null: it can. */
  readonly onAway: (reason: string | null) => void;
}

const anotherCount = (was: number, is: number): OutsideError =>
  new OutsideError(
    'NATS_STREAM_DIFFERS',
    `${streams.events} was made anew with ${is} partitions instead of ${was}.`,
    { retriable: true },
  );

/** A log that was made anew may have been cut otherwise. */
const checkCount = async ({ log, partitionCount }: Reader): Promise<void> => {
  const now = await readPartitionCount(log);
  if (now !== partitionCount) throw anotherCount(partitionCount, now);
};

interface Following {
  readonly reader: Reader;
  readonly sight: FleetSight;
  readonly onAnew: () => void;
  readonly signal: AbortSignal;
}

const tell = async (
  { reader, sight, onAnew, signal }: Following,
  partition: number,
  news: PartitionNews,
): Promise<void> => {
  if (!news.isAnew) {
    sight.take(partition, news);
    return;
  }
  onAnew();
  await checkCount(reader);
  const before = await readBefore(reader, news.state, signal);
  const ticks = await readTicks(reader, partition, signal);
  if (!signal.aborted) sight.begin(partition, news, { before, ticks });
};

/** Begins with the next few when these have caught up. Rejects when one of them cannot go on. */
const followAll = async (following: Following): Promise<void> => {
  const { reader, signal } = following;
  const turn = pLimit(catchUpsAtOnce);
  const follow = async (partition: number, onCaughtUp: () => void): Promise<void> => {
    for await (const news of followPartition(reader, partition, signal)) {
      await tell(following, partition, news);
      onCaughtUp();
    }
  };
  const partitions = Array.from({ length: reader.partitionCount }, (_, partition) => partition);
  await Promise.all(
    partitions.map(async (partition) => {
      let followed: Promise<void> = Promise.resolve();
      await turn(async () => {
        await new Promise<void>((resolve, reject) => {
          followed = follow(partition, resolve);
          followed.then(resolve, reject);
        });
      });
      await followed;
    }),
  );
};

/** Follows nothing until it is run. */
export const createLogFollower = (options: FollowLogOptions): LogFollower => {
  const { log, clock, sight, onAnew, onAway } = options;
  let reader: Reader | undefined;

  const followOnce = async (ended: AbortSignal): Promise<void> => {
    const over = new AbortController();
    const signal = AbortSignal.any([ended, over.signal]);
    try {
      const partitionCount = await readPartitionCount(log);
      reader = { log, partitionCount, clock };
      sight.open(partitionCount);
      onAway(null);
      await followAll({ reader, sight, onAnew, signal });
    } finally {
      over.abort();
      reader = undefined;
    }
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await followOnce(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof OutsideError)) throw error;
        onAway(error.message);
        await sleep(clock, retryPausesMs.longest, signal);
      }
    }
  };
  return { reader: () => reader, run };
};
