/** Which of many equal rows are in sight, so that only those are drawn. */

export interface RowWindow {
  /** Rows from `first` up to, and without, `end` are drawn. */
  readonly first: number;
  readonly end: number;
  /** Where the first of them begins, px. */
  readonly topPx: number;
  /** What all rows together take, px. */
  readonly heightPx: number;
}

export interface Sight {
  readonly count: number;
  readonly rowPx: number;
  readonly scrolledPx: number;
  readonly heightPx: number;
}

/** Rows beyond the edges, so that a scroll shows none that is empty. */
const beyond = 8;

export const rowWindow = ({ count, rowPx, scrolledPx, heightPx }: Sight): RowWindow => {
  const inSight = Math.ceil(heightPx / rowPx) + 1;
  const furthest = Math.max(0, count - inSight);
  const top = Math.min(furthest, Math.max(0, Math.floor(scrolledPx / rowPx)));
  const first = Math.max(0, top - beyond);
  return {
    first,
    end: Math.min(count, top + inSight + beyond),
    topPx: first * rowPx,
    heightPx: count * rowPx,
  };
};

/** How far to scroll so that a row is in sight, px; as it is where it is already. */
export const scrollTo = (row: number, { rowPx, scrolledPx, heightPx }: Sight): number => {
  const topPx = row * rowPx;
  if (topPx < scrolledPx) return topPx;
  return Math.max(scrolledPx, topPx + rowPx - heightPx);
};
