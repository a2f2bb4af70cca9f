/** Reads the time and the kind of row of each tick out of a recorded minute. */
import type { MinuteRecordedData, Seen } from '@flyball/contracts';
import { fromDifferences, fromRuns } from './runs.ts';

export interface TickTime {
  readonly atMs: number;
  /** Undefined: no row. */
  readonly seen: Seen | undefined;
}

export const tickTimesOf = (minute: MinuteRecordedData): readonly TickTime[] => {
  const steps = fromRuns(minute.times, minute.seqs.length, 0);
  const times = fromDifferences(steps, minute.minuteAtMs);
  const seen = fromRuns<Seen | null>(minute.rows, times.length, null);
  return times.map((atMs, tick) => ({ atMs, seen: seen[tick] ?? undefined }));
};
