/** Which rows of the fleet are shown, in which order, and what they come to in all. */
import type { FleetRow } from '../../../src/wire.ts';
import type { FleetFilter, FleetSort, FleetState } from '../routing/route.ts';
import { rowKey } from './fleet-rows.ts';

/** Data older than this is late: three ticks were missed. */
const lateMs = 6_000;

const matches: Readonly<Record<FleetState, (row: FleetRow) => boolean>> = {
  all: () => true,
  active: ({ desired, ready, waiting }) => desired > 0 || ready > 0 || waiting > 0,
  panic: ({ mode }) => mode === 'panic',
  zero: ({ desired, ready }) => desired === 0 && ready === 0,
  blind: ({ seen }) => seen === 'blind',
  problem: ({ problem }) => problem !== null,
};

/** What a sort looks at: the largest comes first, what is unknown last. */
const weights: Readonly<Record<Exclude<FleetSort, 'name'>, (row: FleetRow) => number | null>> = {
  load: ({ panic, stable }) => panic ?? stable,
  use: ({ targetUse }) => targetUse,
  replicas: ({ desired }) => desired,
  waiting: ({ waiting }) => waiting,
  decided: ({ decidedAtMs }) => decidedAtMs,
};

/** Words are looked for in `namespace/name`, each of them, in any order. */
const hasWords = (row: FleetRow, words: readonly string[]): boolean => {
  const name = rowKey(row).toLowerCase();
  return words.every((word) => name.includes(word));
};

/** The rows that are shown; `rows` are in the order of their names, which equal ones keep. */
export const shownRows = (
  rows: Iterable<FleetRow>,
  { text, state, sort }: FleetFilter,
): readonly FleetRow[] => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = [...rows].filter((row) => matches[state](row) && hasWords(row, words));
  if (sort === 'name') return shown;
  const weight = (row: FleetRow) => weights[sort](row) ?? Number.NEGATIVE_INFINITY;
  // Two unknowns are equal, and their difference is not a number.
  return shown.sort((first, second) => weight(second) - weight(first) || 0);
};

/** How many rows each state has. */
export const stateCounts = (rows: Iterable<FleetRow>): Readonly<Record<FleetState, number>> => {
  const counts = { all: 0, active: 0, panic: 0, zero: 0, blind: 0, problem: 0 };
  const states = Object.keys(counts) as FleetState[];
  for (const row of rows) {
    for (const state of states) if (matches[state](row)) counts[state] += 1;
  }
  return counts;
};

export interface FleetTotals {
  readonly desired: number;
  readonly ready: number;
  readonly waiting: number;
  readonly load: number;
}

export const totalsOf = (rows: Iterable<FleetRow>): FleetTotals => {
  const totals = { desired: 0, ready: 0, waiting: 0, load: 0 };
  for (const { desired, ready, waiting, panic } of rows) {
    totals.desired += desired;
    totals.ready += ready;
    totals.waiting += waiting;
    totals.load += panic ?? 0;
  }
  return totals;
};

/**
 * Whether the averages of a row are too old to be believed at `nowMs`, by the console's clock. They
 * are as of the newest tick of its partition: a row that has not changed is not told again.
 */
export const isLate = (
  { dataAtMs, partition, seen }: FleetRow,
  tickAtMs: readonly (number | null)[],
  nowMs: number,
): boolean => {
  if (seen !== 'measured' || dataAtMs === null) return false;
  return nowMs - Math.max(dataAtMs, tickAtMs[partition] ?? 0) > lateMs;
};
