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

const measured = ['concurrency', 'requests'] as const;

const cellOf = (
  second: SourceSecond | undefined,
  row: number | undefined,
  what: MirrorDifference['what'],
): number | null => {
  if (second === undefined || row === undefined) return null;
  return (what === 'requests' ? second.requestsMilli : second.concurrencyMilli)[row] ?? Number.NaN;
};

const rowsOf = (second: SourceSecond | undefined): ReadonlyMap<WorkloadKey, number> =>
  new Map(second?.workloads.map((key, row) => [key, row]));

const isSameOrder = (stored: SourceSecond, mirrored: SourceSecond): boolean =>
  stored.workloads.length === mirrored.workloads.length &&
  stored.workloads.every((key, row) => key === mirrored.workloads[row]);

type Pair = { readonly stored?: SourceSecond; readonly mirrored?: SourceSecond };

/** The rows of one source and second in which the two differ. */
const differencesIn = ({ stored, mirrored }: Pair): readonly MirrorDifference[] => {
  const known = stored ?? mirrored;
  if (known === undefined) return [];
  const { source, secondAtMs } = known;
  const differences: MirrorDifference[] = [];
  const compare = (workload: WorkloadKey, here?: number, there?: number): void => {
    for (const what of measured) {
      const [first, second] = [cellOf(stored, here, what), cellOf(mirrored, there, what)];
      if (Object.is(first, second)) continue;
      differences.push({ source, secondAtMs, workload, what, stored: first, mirrored: second });
    }
  };
  // Nearly always: hundreds of thousands of rows are compared without naming each of them.
  if (stored !== undefined && mirrored !== undefined && isSameOrder(stored, mirrored)) {
    stored.workloads.forEach((key, row) => void compare(key, row, row));
    return differences;
  }
  const [here, there] = [rowsOf(stored), rowsOf(mirrored)];
  for (const key of new Set([...here.keys(), ...there.keys()])) {
    compare(key, here.get(key), there.get(key));
  }
  return differences;
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
  const pairs = new Map<string, Pair>();
  const placeOf = ({ source, secondAtMs }: SourceSecond): string => `${source} ${secondAtMs}`;
  for (const one of stored) {
    if (one.secondAtMs >= fromMs) pairs.set(placeOf(one), { stored: one });
  }
  for (const one of mirrored) {
    if (one.secondAtMs < fromMs) continue;
    const place = placeOf(one);
    pairs.set(place, { ...pairs.get(place), mirrored: one });
  }
  return [...pairs.values()].flatMap(differencesIn);
};
