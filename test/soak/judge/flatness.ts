/** Is memory flat, and are file handles? Medians of the second and the last quarter say it. */
import { type ProcessUse, processUse } from '../../bench/report/process-memory.ts';
import { summarize } from '../../bench/report/statistics.ts';

/** The last quarter may have this much more than the second; what a collector leaves is uneven. */
export const bounds = {
  residentMib: { share: 1.2, more: 16 },
  fileHandles: { share: 1.2, more: 8 },
} as const;
export type Measure = keyof typeof bounds;
const measures: readonly Measure[] = ['residentMib', 'fileHandles'];

export interface Reading extends ProcessUse {
  readonly name: string;
  readonly pid: number;
  /** Since the soak began. */
  readonly atMs: number;
}

/** Reads each process that runs now. */
export const readUse = async (
  processes: readonly { readonly name: string; readonly pid: number }[],
  atMs: number,
): Promise<readonly Reading[]> => {
  const read = processes.map(async ({ name, pid }) => {
    const use = await processUse(pid);
    return use === undefined ? [] : [{ ...use, name, pid, atMs }];
  });
  return (await Promise.all(read)).flat();
};

export interface Flatness {
  readonly name: string;
  readonly measure: Measure;
  readonly second: number;
  readonly last: number;
  readonly most: number;
  /** Undefined when a quarter has no reading, or the process is another one by then. */
  readonly isFlat: boolean | undefined;
}

const quarters = 4;

const inQuarter = (readings: readonly Reading[], quarter: number, totalMs: number) =>
  readings.filter(({ atMs }) => Math.floor((atMs * quarters) / totalMs) === quarter - 1);

const medianOf = (readings: readonly Reading[], measure: Measure): number =>
  summarize(readings.map((one) => one[measure]))?.p50 ?? Number.NaN;

/** Compares the quarters of a soak that took `totalMs`, for every process and measure. */
export const flatnessOf = (readings: readonly Reading[], totalMs: number): readonly Flatness[] =>
  [...Map.groupBy(readings, ({ name }) => name)].flatMap(([name, own]) =>
    measures.map((measure): Flatness => {
      const [early, late] = [inQuarter(own, 2, totalMs), inQuarter(own, quarters, totalMs)];
      const [second, last] = [medianOf(early, measure), medianOf(late, measure)];
      const { share, more } = bounds[measure];
      const most = second * share + more;
      const isSame = new Set([...early, ...late].map(({ pid }) => pid)).size === 1;
      const isKnown = isSame && early.length > 0 && late.length > 0;
      return { name, measure, second, last, most, isFlat: isKnown ? last <= most : undefined };
    }),
  );
