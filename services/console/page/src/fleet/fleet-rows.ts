/** The rows of the fleet as the console has told them: all at first, then what changed. */
import type { FleetAway, FleetChange, FleetRow, FleetTold } from '../../../src/wire.ts';
import { type Heard, newestTick, nothingHeard } from '../data/silence.ts';
import { datedClockTime } from '../format/time.ts';

export interface ShownFleet {
  /** By `namespace/name`, in that order. */
  readonly rows: ReadonlyMap<string, FleetRow>;
  /** Workloads that are beyond what the console tells. */
  readonly more: number;
  /** The newest tick of each partition, UTC ms. */
  readonly tickAtMs: readonly (number | null)[];
  /** When it was told last; null: nothing has been told yet. */
  readonly toldAtMs: number | null;
  /** The newest tick, and when it came. */
  readonly heard: Heard;
  /** What the console cannot see now. */
  readonly away: string | null;
}

export const unknownFleet: ShownFleet = {
  rows: new Map(),
  more: 0,
  tickAtMs: [],
  toldAtMs: null,
  heard: nothingHeard,
  away: null,
};

export const rowKey = ({ namespace, name }: FleetRow): string => `${namespace}/${name}`;

const inOrder = (rows: Iterable<FleetRow>): ReadonlyMap<string, FleetRow> =>
  new Map(
    [...rows]
      .map((row) => [rowKey(row), row] as const)
      .sort(([first], [second]) => (first < second ? -1 : 1)),
  );

/** `cameAtMs`: when it came, by the reader's clock. */
const heardIn = ({ atMs, tickAtMs }: FleetTold | FleetChange, cameAtMs: number): Heard => ({
  asOfMs: newestTick(tickAtMs),
  toldAtMs: atMs,
  cameAtMs,
});

/** Everything, told anew. `cameAtMs`: when it came, by the reader's clock. */
export const withAll = (fleet: ShownFleet, told: FleetTold, cameAtMs: number): ShownFleet => ({
  ...fleet,
  rows: inOrder(told.rows),
  more: told.more,
  tickAtMs: told.tickAtMs,
  toldAtMs: told.atMs,
  heard: heardIn(told, cameAtMs),
});

/**
 * What changed. The rows are sorted again only where there are new ones. `cameAtMs`: when it came,
 * by the reader's clock.
 */
export const withChange = (
  fleet: ShownFleet,
  change: FleetChange,
  cameAtMs: number,
): ShownFleet => {
  const { atMs, rows, gone, tickAtMs } = change;
  const changed = new Map(fleet.rows);
  for (const name of gone) changed.delete(name);
  const before = changed.size;
  for (const row of rows) changed.set(rowKey(row), row);
  const isLarger = changed.size > before;
  const inTheirOrder = isLarger ? inOrder(changed.values()) : changed;
  const heard = heardIn(change, cameAtMs);
  return { ...fleet, rows: inTheirOrder, tickAtMs, toldAtMs: atMs, heard };
};

export const withAway = (fleet: ShownFleet, { reason }: FleetAway): ShownFleet => ({
  ...fleet,
  away: reason,
});

/** How old what is shown is: told beside what the console cannot see. */
export const asOfWords = ({ heard: { asOfMs } }: ShownFleet, nowMs: number): string =>
  asOfMs === null
    ? 'No tick was seen yet.'
    : `What is shown is as of ${datedClockTime(asOfMs, nowMs)}.`;

/**
 * Whether a fleet without rows is known to have none: every partition was read. Of one that is
 * still to be read no tick is known.
 */
export const isWhole = ({ toldAtMs, away, tickAtMs }: ShownFleet): boolean => {
  if (toldAtMs === null) return false;
  return away === null || (tickAtMs.length > 0 && !tickAtMs.includes(null));
};
