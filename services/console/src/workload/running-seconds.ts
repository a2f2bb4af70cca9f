/** The seconds of a workload that no recorded minute holds yet, summed over their sources. */
import type { SamplesReportedData, WorkloadKey } from '@flyball/contracts';
import type { Point } from '../wire.ts';

const milli = 1_000;
const secondMs = 1_000;
/** Minutes are recorded within two; SAMPLES keep three. */
const secondsMax = 300;

/** What one source told; null: it could not measure. */
interface Told {
  readonly concurrency: number | null;
  readonly requests: number | null;
}

export interface RunningSeconds {
  take(batch: SamplesReportedData): void;
  dropBefore(atMs: number): void;
  /** From the first second to the newest; null where nobody measured. */
  points(of: keyof Told): readonly Point[];
}

const toldOf = (
  { rows, covered, partial }: SamplesReportedData,
  workload: WorkloadKey,
): Told | undefined => {
  const row = rows.workloads.indexOf(workload);
  if (row === -1)
    return !partial && covered.includes(workload) ? { concurrency: 0, requests: 0 } : undefined;
  const ofMilli = (value: number | null | undefined): number | null =>
    value === null || value === undefined ? null : value / milli;
  return {
    concurrency: ofMilli(rows.concurrencyMilli[row]),
    requests: ofMilli(rows.requestsMilli[row]),
  };
};

/** Sources add up; where one of them is blind, nobody knows the sum. */
const sumOf = (told: ReadonlyMap<string, Told> | undefined, of: keyof Told): number | null => {
  if (told === undefined) return null;
  const values = [...told.values()].map((one) => one[of]);
  return values.includes(null) ? null : values.reduce<number>((sum, one) => sum + (one ?? 0), 0);
};

export const createRunningSeconds = (workload: WorkloadKey): RunningSeconds => {
  const seconds = new Map<number, Map<string, Told>>();
  const dropBefore = (atMs: number): void => {
    for (const second of seconds.keys()) if (second < atMs) seconds.delete(second);
  };
  return {
    take: (batch) => {
      const { source, secondAtMs } = batch;
      const told = toldOf(batch, workload);
      if (told === undefined) return;
      const known = seconds.get(secondAtMs) ?? new Map<string, Told>();
      seconds.set(secondAtMs, known.set(source, told));
      if (seconds.size > secondsMax) dropBefore(Math.min(...seconds.keys()) + 1);
    },
    dropBefore,
    points: (of) => {
      if (seconds.size === 0) return [];
      const times = [...seconds.keys()];
      const [first, last] = [Math.min(...times), Math.max(...times)];
      const count = Math.min((last - first) / secondMs + 1, secondsMax);
      return Array.from({ length: count }, (_, index): Point => {
        const atMs = last - (count - 1 - index) * secondMs;
        return [atMs, sumOf(seconds.get(atMs), of)];
      });
    },
  };
};
