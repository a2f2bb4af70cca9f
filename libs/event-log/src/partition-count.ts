/** The partition count, fixed when EVENTS is made and kept in its description for every service. */
import { OutsideError, streams } from '@flyball/contracts';
import type { EventLog } from './event-log.ts';

const pattern = /\bpartitions=(\d+)\b/;

/** More would make more leases and consumers than one small server likes. */
export const maxPartitionCount = 1024;

/** The description of EVENTS that carries the partition count. */
export const describeEvents = (partitionCount: number): string =>
  `Flyball's event log; partitions=${partitionCount}`;

/** Reads the count out of such a description; undefined when there is none. */
const partitionCountIn = (description: string): number | undefined => {
  const count = Number(pattern.exec(description)?.[1]);
  return Number.isInteger(count) && count >= 1 && count <= maxPartitionCount ? count : undefined;
};

/**
 * How many partitions this log was made with.
 * Throws OutsideError NATS_STREAM_DIFFERS when EVENTS was not made by Flyball.
 */
export const readPartitionCount = async (log: Pick<EventLog, 'events'>): Promise<number> => {
  const { description } = await log.events.state();
  const count = partitionCountIn(description);
  if (count !== undefined) return count;
  throw new OutsideError(
    'NATS_STREAM_DIFFERS',
    `Stream ${streams.events} has description ${JSON.stringify(description)}; it should hold ` +
      `partitions=<1..${maxPartitionCount}>. Let Flyball make the stream.`,
    { retriable: false },
  );
};
