/** One workload of the fleet. */
import { useMemo } from 'preact/hooks';
import type { FleetRow } from '../../../src/wire.ts';
import { load, percent } from '../format/amount.ts';
import { ago, datedClockTime } from '../format/time.ts';
import { ModeBadge, ProblemBadge, SeenBadge } from '../parts/state-badge.tsx';
import { lately, routeLink } from '../routing/route.ts';
import { Sparkline } from './sparkline.tsx';

/** More replicas than this are told by their number alone. */
const pipsMax = 10;

const Pips = ({ ready, desired }: Pick<FleetRow, 'ready' | 'desired'>) => {
  const most = Math.max(ready, desired);
  if (most === 0 || most > pipsMax) return null;
  return (
    <span class="pips" aria-hidden="true">
      {Array.from({ length: most }, (_, index) => (
        <i
          key={index}
          class={index < ready ? (index < desired ? 'is-ready' : 'is-leaving') : 'is-wanted'}
        />
      ))}
    </span>
  );
};

const Use = ({ targetUse }: Pick<FleetRow, 'targetUse'>) => (
  <>
    <span class="number">{percent(targetUse)}</span>
    <span class="bar" aria-hidden="true">
      <i
        class={targetUse !== null && targetUse > 1 ? 'is-over' : undefined}
        style={{ width: `${Math.min(100, (targetUse ?? 0) * 100)}%` }}
      />
    </span>
  </>
);

export interface FleetRowLineProps {
  readonly row: FleetRow;
  /** Its place among all that are shown, from 0. */
  readonly index: number;
  readonly isActive: boolean;
  /** Its averages are too old to be believed. */
  readonly isLate: boolean;
  /** By the console's clock. */
  readonly nowMs: number;
}

const Line = ({ row, index, isActive, isLate, nowMs }: FleetRowLineProps) => {
  const { namespace, name, desired, ready, waiting, decidedAtMs, routing } = row;
  const href = routeLink({ page: 'workload', namespace, name, view: lately });
  return (
    <div role="row" class="fleet-row" aria-rowindex={index + 2} data-workload={name}>
      <Cell class="cell-name">
        <a href={href} tabIndex={isActive ? 0 : -1} data-row={index}>
          <span class="namespace">{namespace}/</span>
          <b>{name}</b>
        </a>
      </Cell>
      <Cell class="cell-state">
        <ModeBadge mode={row.mode} />
        <SeenBadge seen={row.seen} />
        <ProblemBadge problem={row.problem} />
      </Cell>
      <Cell class="cell-load">
        <span class={`number ${isLate ? 'is-late' : ''}`}>{load(row.panic ?? row.stable)}</span>
        <Sparkline spark={row.spark} />
      </Cell>
      <Cell class="cell-use">
        <Use targetUse={row.targetUse} />
      </Cell>
      <Cell class="cell-replicas">
        <span class={`number ${ready === desired ? '' : 'is-moving'}`}>
          {ready}/{desired}
        </span>
        <Pips ready={ready} desired={desired} />
      </Cell>
      <Cell class="cell-waiting">
        <span class={waiting > 0 ? 'number is-waiting' : 'number'}>{waiting}</span>
      </Cell>
      <Cell class="cell-routing">{routing ?? '–'}</Cell>
      <Cell class="cell-decided">
        <span title={decidedAtMs === null ? undefined : datedClockTime(decidedAtMs, nowMs)}>
          {decidedAtMs === null ? '–' : ago(decidedAtMs, nowMs)}
        </span>
      </Cell>
    </div>
  );
};

/** Drawn again when something of it has changed, and not because others scroll past. */
export const FleetRowLine = ({ row, index, isActive, isLate, nowMs }: FleetRowLineProps) =>
  useMemo(
    () => <Line row={row} index={index} isActive={isActive} isLate={isLate} nowMs={nowMs} />,
    [row, index, isActive, isLate, nowMs],
  );

interface CellProps {
  readonly class: string;
  readonly children: preact.ComponentChildren;
}

const Cell = ({ class: name, children }: CellProps) => (
  <div role="gridcell" class={`cell ${name}`}>
    {children}
  </div>
);
