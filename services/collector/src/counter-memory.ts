/** What counters were when they were last read: a rate needs two readings. */
import { type CounterReading, requestRate } from '@flyball/domain';

/** A reading that is older than this is not compared with. */
const keptMs = 120_000;

export interface CounterMemory {
  /** The rate since the last reading under this key, which this one takes the place of. */
  rate(key: string, reading: CounterReading): number | undefined;
}

export const createCounterMemory = (): CounterMemory => {
  // In the order of their times: the oldest stand in front.
  const readings = new Map<string, CounterReading>();
  const forget = (beforeMs: number): void => {
    for (const [key, { atMs }] of readings) {
      if (atMs >= beforeMs) return;
      readings.delete(key);
    }
  };
  return {
    rate: (key, reading) => {
      const before = readings.get(key);
      // Two partitions' rounds may meet the same page: nothing has gone by between them.
      if (before?.atMs === reading.atMs) return undefined;
      readings.delete(key);
      readings.set(key, reading);
      forget(reading.atMs - keptMs);
      return before === undefined ? undefined : requestRate(before, reading);
    },
  };
};
