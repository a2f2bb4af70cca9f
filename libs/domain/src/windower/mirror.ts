/** The kept seconds as a store takes them, and whether a store still says the same. */
import type { WorkloadKey } from '@flyball/contracts';
import { absent, type SecondColumns, type SourceSecond } from './source-seconds.ts';
import type { WindowerState } from './state.ts';

const toSourceSecond = (
  state: WindowerState,
  place: { readonly source: string; readonly second: number },
  columns: SecondColumns,
): SourceSecond => {
  const slots: number[] = [];
  columns.concurrency.forEach((value, slot) => {
    if (value !== absent && state.bySlot[slot] !== undefined) slots.push(slot);
  });
  return {
    source: place.source,
    secondAtMs: place.second * 1000,
    whole: columns.whole,
    workloads: slots.flatMap((slot) => state.bySlot[slot]?.key ?? []),
    concurrencyMilli: Float64Array.from(slots, (slot) => columns.concurrency[slot] ?? absent),
    requestsMilli: Float64Array.from(slots, (slot) => columns.requests[slot] ?? absent),
  };
};

/** One source's second as it is now, to be written after its batch was folded. */
export const sourceSecondOf = (
  state: WindowerState,
  source: string,
  secondAtMs: number,
): SourceSecond | undefined => {
  const second = Math.floor(secondAtMs / 1000);
  const columns = state.seconds.get(source)?.get(second);
  return columns && toSourceSecond(state, { source, second }, columns);
};

/** Every kept second of every source. */
export const sourceSeconds = (state: WindowerState): readonly SourceSecond[] =>
  [...state.seconds].flatMap(([source, ring]) =>
    [...ring].map(([second, columns]) => toSourceSecond(state, { source, second }, columns)),
  );

/** Where a store and the memory of its owner differ; null: not there at all. */
export interface MirrorDifference {
  readonly source: string;
  readonly secondAtMs: number;
  readonly workload: WorkloadKey;
  readonly what: 'concurrency' | 'requests';
  readonly stored: number | null;
  readonly mirrored: number | null;
}

type Values = Map<
  string,
  { concurrency: number; requests: number; of: SourceSecond; key: WorkloadKey }
>;

const valuesOf = (seconds: readonly SourceSecond[], fromMs: number): Values => {
  const values: Values = new Map();
  for (const second of seconds) {
    if (second.secondAtMs < fromMs) continue;
    second.workloads.forEach((key, row) => {
      values.set(`${second.source} ${second.secondAtMs} ${key}`, {
        concurrency: second.concurrencyMilli[row] ?? Number.NaN,
        requests: second.requestsMilli[row] ?? Number.NaN,
        of: second,
        key,
      });
    });
  }
  return values;
};

/**
 * Compares what is stored with what its owner has in memory, from `fromMs` on (the two forget old
 * seconds at different moments). Blind equals blind. Empty: they are the same.
 */
export const compareMirror = (
  stored: readonly SourceSecond[],
  mirrored: readonly SourceSecond[],
  fromMs = 0,
): readonly MirrorDifference[] => {
  const [here, there] = [valuesOf(stored, fromMs), valuesOf(mirrored, fromMs)];
  const differences: MirrorDifference[] = [];
  for (const place of new Set([...here.keys(), ...there.keys()])) {
    const [a, b] = [here.get(place), there.get(place)];
    const known = a ?? b;
    if (known === undefined) continue;
    for (const what of ['concurrency', 'requests'] as const) {
      const [first, second] = [a?.[what] ?? null, b?.[what] ?? null];
      if (Object.is(first, second)) continue;
      const { source, secondAtMs } = known.of;
      differences.push({
        source,
        secondAtMs,
        workload: known.key,
        what,
        stored: first,
        mirrored: second,
      });
    }
  }
  return differences;
};
