/** Fleet: every workload, how it is now, and which of them want to be looked at. */
import { useMemo, useState } from 'preact/hooks';
import type { FleetAway, FleetChange, FleetTold } from '../../../src/wire.ts';
import { useTellStale } from '../data/connection.ts';
import { consoleTime, silentSince } from '../data/silence.ts';
import { useFeed } from '../data/use-feed.ts';
import { useNow } from '../data/use-now.ts';
import { counted, load } from '../format/amount.ts';
import { Command, Loading, Notice, SilenceBanner } from '../parts/notice.tsx';
import {
  type FleetFilter,
  type FleetState,
  fleetSorts,
  fleetStates,
  wholeFleet,
} from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import { shownRows, stateCounts, totalsOf } from './filter-rows.ts';
import {
  asOfWords,
  isWhole,
  type ShownFleet,
  unknownFleet,
  withAll,
  withAway,
  withChange,
} from './fleet-rows.ts';
import { FleetTable } from './fleet-table.tsx';

const stateWords: Readonly<Record<FleetState, string>> = {
  all: 'All',
  active: 'Active',
  panic: 'Panic',
  zero: 'At zero',
  blind: 'Blind',
  problem: 'Problem',
};

const setFilter = (filter: FleetFilter) => goTo({ page: 'fleet', filter }, { replace: true });

interface ToolbarProps {
  readonly filter: FleetFilter;
  readonly counts: Readonly<Record<FleetState, number>>;
}

const Toolbar = ({ filter, counts }: ToolbarProps) => (
  <search class="toolbar" aria-label="Workloads">
    <input
      type="search"
      value={filter.text}
      placeholder="Find by name …"
      aria-label="Find by name"
      onInput={({ currentTarget }) => setFilter({ ...filter, text: currentTarget.value })}
    />
    <fieldset class="choices">
      <legend class="unseen">State</legend>
      {fleetStates.map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={filter.state === state}
          onClick={() => setFilter({ ...filter, state })}
        >
          {stateWords[state]} <span class="count">{counts[state].toLocaleString('en')}</span>
        </button>
      ))}
    </fieldset>
    <label class="only-phone">
      <span class="unseen">Order</span>
      <select
        value={filter.sort}
        onChange={({ currentTarget }) => {
          const sort = fleetSorts.find((one) => one === currentTarget.value);
          if (sort !== undefined) setFilter({ ...filter, sort });
        }}
      >
        {fleetSorts.map((sort) => (
          <option key={sort} value={sort}>
            by {sort}
          </option>
        ))}
      </select>
    </label>
  </search>
);

const Teach = () => (
  <Notice title="No workload yet">
    <p>Give Flyball a Deployment or a Knative Service; this one is among its samples:</p>
    <Command
      text={'flyball apply -f samples/scene-1.run-latest.yaml --commands samples/commands.yaml'}
    />
    <p>
      On a cluster, annotate a Deployment’s pod template with{' '}
      <code>autoscaling.knative.dev/class: kpa.autoscaling.knative.dev</code>. It appears here by
      itself.
    </p>
  </Notice>
);

const NothingFound = ({ filter }: { readonly filter: FleetFilter }) => (
  <Notice title="No workload is like that">
    <p>
      {filter.text === '' ? 'None' : `None whose name has “${filter.text}”`} is in the state{' '}
      {stateWords[filter.state].toLowerCase()}.{' '}
      <button type="button" onClick={() => setFilter(wholeFleet)}>
        Show all
      </button>
    </p>
  </Notice>
);

const useFleet = (): ShownFleet => {
  const [fleet, setFleet] = useState(unknownFleet);
  useFeed('/api/fleet', {
    fleet: (told) => setFleet((before) => withAll(before, told as FleetTold, Date.now())),
    rows: (told) => setFleet((before) => withChange(before, told as FleetChange, Date.now())),
    away: (told) => setFleet((before) => withAway(before, told as FleetAway)),
  });
  return fleet;
};

const Totals = ({ fleet }: { readonly fleet: ShownFleet }) => {
  const { desired, ready, waiting, load: inFlight } = totalsOf(fleet.rows.values());
  return (
    <p class="totals">
      <b>{counted(fleet.rows.size, 'workload')}</b>
      <span>
        <b>
          {ready.toLocaleString('en')}/{desired.toLocaleString('en')}
        </b>{' '}
        replicas ready
      </span>
      <span>
        <b>{load(inFlight)}</b> load
      </span>
      <span>
        <b>{waiting.toLocaleString('en')}</b> waiting
      </span>
      {fleet.more > 0 && <span>{fleet.more.toLocaleString('en')} more are not shown</span>}
    </p>
  );
};

export const FleetPage = ({ filter }: { readonly filter: FleetFilter }) => {
  const fleet = useFleet();
  const nowMs = useNow();
  const rows = useMemo(() => shownRows(fleet.rows.values(), filter), [fleet.rows, filter]);
  const counts = useMemo(() => stateCounts(fleet.rows.values()), [fleet.rows]);
  const isEmpty = fleet.rows.size === 0;
  const silentSinceMs = silentSince(fleet.heard, nowMs);
  useTellStale(fleet.away !== null || silentSinceMs !== null);
  return (
    <>
      <div class="page-title">
        <h1>Fleet</h1>
        <Totals fleet={fleet} />
      </div>
      <Toolbar filter={filter} counts={counts} />
      {fleet.away !== null && (
        <p class="banner" role="alert">
          {fleet.away} {asOfWords(fleet, nowMs)}
        </p>
      )}
      {fleet.away === null && silentSinceMs !== null && <SilenceBanner sinceMs={silentSinceMs} />}
      {isEmpty && (isWhole(fleet) ? <Teach /> : <Loading what="the fleet" />)}
      {!isEmpty && rows.length === 0 && <NothingFound filter={filter} />}
      {rows.length > 0 && (
        <FleetTable
          rows={rows}
          sort={filter.sort}
          onSort={(sort) => setFilter({ ...filter, sort })}
          tickAtMs={fleet.tickAtMs}
          nowMs={consoleTime(fleet.heard, nowMs)}
        />
      )}
    </>
  );
};
