/** Opens the log of the Flyball that runs with a data folder, for as long as a verb reads it. */
import type { EventLog } from '@flyball/event-log';
import { readPartitionCount } from '@flyball/event-log';
import type { LocalPlatformAdmin } from '@flyball/platform';
import { type Clock, systemClock } from '@flyball/service';
import { connectPlatform, connectReader, findRunning } from '../running.ts';

/** What every reading verb reads from. */
export interface Reader {
  readonly log: EventLog;
  /** Fixed when the log was made. */
  readonly partitionCount: number;
  readonly clock: Clock;
  /** What runs beside what is recorded; absent where there is only a log. */
  readonly platform?: Pick<LocalPlatformAdmin, 'workloads' | 'config' | 'pods'> | undefined;
}

/** Options that all reading verbs share. */
export interface ReadingOptions {
  /** The data folder. */
  readonly data: string;
  readonly output: 'text' | 'json';
}

/** Connects, reads, and closes whatever happens. Rejects with NOT_RUNNING or NATS_… errors. */
export const withReader = async <Result>(
  dataFolder: string,
  read: (reader: Reader) => Promise<Result>,
): Promise<Result> => {
  const running = await findRunning(dataFolder);
  const log = await connectReader(running);
  const platform = connectPlatform(running);
  try {
    const partitionCount = await readPartitionCount(log);
    return await read({ log, partitionCount, clock: systemClock, platform });
  } finally {
    await Promise.all([log.close(), platform.close()]);
  }
};
