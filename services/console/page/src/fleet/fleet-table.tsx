/** All workloads as a table of which only the rows in sight are drawn, for thousands of them. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FleetRow } from '../../../src/wire.ts';
import { phone, useMedia } from '../data/use-media.ts';
import type { FleetSort } from '../routing/route.ts';
import { isLate } from './filter-rows.ts';
import { FleetRowLine } from './fleet-row.tsx';
import { rowKey } from './fleet-rows.ts';
import { rowWindow, type Sight, scrollTo } from './row-window.ts';

/** Style sheets say the same. */
const rowPx = { desktop: 38, phone: 76 };

interface Column {
  readonly title: string;
  readonly sort: FleetSort | null;
  readonly hint: string;
}

const columns: readonly Column[] = [
  { title: 'Workload', sort: 'name', hint: 'Namespace and name' },
  { title: 'State', sort: null, hint: 'Mode, and whether it can be measured' },
  { title: 'Load', sort: 'load', hint: 'Average over the panic window; the last ticks' },
  { title: 'Target use', sort: 'use', hint: 'Stable average ÷ what the ready pods are to take' },
  { title: 'Ready/desired', sort: 'replicas', hint: 'Replicas' },
  { title: 'Waiting', sort: 'waiting', hint: 'Requests that wait at the activator now' },
  { title: 'Path', sort: null, hint: 'Through the activator, or straight to the pods' },
  { title: 'Decided', sort: 'decided', hint: 'The last decision' },
];

export interface FleetTableProps {
  readonly rows: readonly FleetRow[];
  readonly sort: FleetSort;
  readonly onSort: (sort: FleetSort) => void;
  /** The newest tick of each partition. */
  readonly tickAtMs: readonly (number | null)[];
  /** By the console's clock, as all that it tells. */
  readonly nowMs: number;
}

const Heads = ({ sort, onSort }: Pick<FleetTableProps, 'sort' | 'onSort'>) => (
  <div role="row" class="fleet-row fleet-heads" aria-rowindex={1}>
    {columns.map(({ title, sort: by, hint }) => (
      <div
        key={title}
        role="columnheader"
        class="cell"
        title={hint}
        aria-sort={by !== sort ? undefined : by === 'name' ? 'ascending' : 'descending'}
      >
        {by === null ? (
          title
        ) : (
          <button type="button" onClick={() => onSort(by)}>
            {title}
            <span aria-hidden="true">{by !== sort ? '' : by === 'name' ? ' ↑' : ' ↓'}</span>
          </button>
        )}
      </div>
    ))}
  </div>
);

/** Where one is in the table, and what is in sight of it. */
const useSight = () => {
  const scroller = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ scrolledPx: 0, heightPx: 800 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const look = () =>
      setSight({ scrolledPx: element.scrollTop, heightPx: element.clientHeight || 800 });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  return { scroller, sight };
};

/** The row that a key leads to; undefined for other keys. */
const rowAfterKey = (key: string, at: number, page: number, last: number): number | undefined => {
  const leads: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: last,
  };
  const to = leads[key];
  return to === undefined ? undefined : Math.min(last, Math.max(0, to));
};

interface RowKeys {
  /** The row that takes the focus. */
  readonly active: number;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFocusCapture: (event: FocusEvent) => void;
}

const rowOf = (target: EventTarget | null): number | undefined => {
  const row = target instanceof HTMLElement ? target.dataset.row : undefined;
  return row === undefined ? undefined : Number(row);
};

/** One row at a time is in the order of the tab key; others are reached from it by other keys. */
const useRowKeys = (
  geometry: Sight,
  scroller: { readonly current: HTMLElement | null },
): RowKeys => {
  const [chosen, setChosen] = useState(0);
  const wanted = useRef<number | null>(null);
  const last = Math.max(0, geometry.count - 1);
  const active = Math.min(chosen, last);
  // The focus follows once the row that was asked for is drawn.
  useEffect(() => {
    if (wanted.current === null) return;
    const link = scroller.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`);
    if (link === null || link === undefined) return;
    wanted.current = null;
    link.focus({ preventScroll: true });
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const pageRows = Math.floor(geometry.heightPx / geometry.rowPx) - 1;
    const to = rowAfterKey(event.key, active, pageRows, last);
    const isRow = rowOf(event.target) !== undefined;
    if (to === undefined || !isRow || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    wanted.current = to;
    setChosen(to);
    scroller.current?.scrollTo({ top: scrollTo(to, geometry) });
  };
  const onFocusCapture = ({ target }: FocusEvent) => setChosen((before) => rowOf(target) ?? before);
  return { active, onKeyDown, onFocusCapture };
};

export const FleetTable = ({ rows, sort, onSort, tickAtMs, nowMs }: FleetTableProps) => {
  const { scroller, sight } = useSight();
  const isPhone = useMedia(phone);
  const geometry = { count: rows.length, rowPx: isPhone ? rowPx.phone : rowPx.desktop, ...sight };
  const drawn = rowWindow(geometry);
  const { active, ...keys } = useRowKeys(geometry, scroller);
  return (
    <div class="fleet-scroll" ref={scroller}>
      <div
        role="grid"
        aria-label="Workloads"
        aria-rowcount={rows.length + 1}
        class="fleet-table"
        {...keys}
      >
        <Heads sort={sort} onSort={onSort} />
        <div role="rowgroup" class="fleet-rows" style={{ height: `${drawn.heightPx}px` }}>
          <div role="presentation" style={{ transform: `translateY(${drawn.topPx}px)` }}>
            {rows.slice(drawn.first, drawn.end).map((row, offset) => {
              const index = drawn.first + offset;
              const key = rowKey(row);
              return (
                <FleetRowLine
                  key={key}
                  row={row}
                  index={index}
                  nowMs={nowMs}
                  isActive={index === active}
                  isLate={isLate(row, tickAtMs, nowMs)}
                />
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
};
