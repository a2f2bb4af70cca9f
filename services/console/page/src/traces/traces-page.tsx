/** Traces: what the console has of cold starts, decisions and requests, as a list. */
import { useMemo, useState } from 'preact/hooks';
import { isWorkloadName, type TraceSummary, traceKinds } from '../../../src/wire.ts';
import { apiAddress } from '../data/fetch-json.ts';
import { useJson, useToldConnection } from '../data/use-json.ts';
import { useEvery } from '../data/use-now.ts';
import { counted } from '../format/amount.ts';
import { dateAndTime, duration } from '../format/time.ts';
import { Command, FailureNotice, Loading, Notice } from '../parts/notice.tsx';
import { allTraces, type TraceFilter, traceLink, workloadLink } from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import { listedMax, listedTraces, searchedMax, tracesAsked } from './listed-traces.ts';
import { kindSigns } from './phase-look.ts';

const everyMs = 2_000;
const slowChoicesMs = [0, 100, 500, 1_000, 5_000];

const setFilter = (filter: TraceFilter) => goTo({ page: 'traces', filter }, { replace: true });

interface ToolbarProps {
  readonly filter: TraceFilter;
  /** What is being typed of a name; null: it is whole. */
  readonly onTyped: (text: string | null) => void;
}

const Toolbar = ({ filter, onTyped }: ToolbarProps) => (
  <search class="toolbar" aria-label="Traces">
    <input
      type="search"
      value={filter.workload}
      placeholder="namespace/name"
      aria-label="Workload"
      onInput={({ currentTarget: { value } }) => {
        onTyped(value);
        setFilter({ ...filter, workload: value });
      }}
      onKeyDown={({ key }) => {
        if (key === 'Enter') onTyped(null);
      }}
    />
    <fieldset class="choices">
      <legend class="unseen">Kind</legend>
      {[null, ...traceKinds].map((kind) => (
        <button
          key={kind ?? 'all'}
          type="button"
          aria-pressed={filter.kind === kind}
          onClick={() => setFilter({ ...filter, kind })}
        >
          {kind === null ? 'all' : `${kindSigns[kind]} ${kind}`}
        </button>
      ))}
    </fieldset>
    <label>
      <span class="soft">at least</span>{' '}
      <select
        value={String(filter.minMs)}
        onChange={({ currentTarget }) =>
          setFilter({ ...filter, minMs: Number(currentTarget.value) })
        }
      >
        {[...new Set([...slowChoicesMs, filter.minMs])].map((ms) => (
          <option key={ms} value={String(ms)}>
            {ms === 0 ? 'any time' : duration(ms)}
          </option>
        ))}
      </select>
    </label>
    <fieldset class="choices">
      <legend class="unseen">Order</legend>
      {(['newest', 'slowest'] as const).map((sort) => (
        <button
          key={sort}
          type="button"
          aria-pressed={filter.sort === sort}
          onClick={() => setFilter({ ...filter, sort })}
        >
          {sort}
        </button>
      ))}
    </fieldset>
  </search>
);

const Teach = () => (
  <Notice title="No trace since the console started">
    <p>
      The console keeps traces in memory, those that were told since it started.{' '}
      <code>flyball trace ID</code> makes an earlier one again, from what the log has of it.
    </p>
    <p>
      Where traces are told, a request to a workload at zero leaves one: what held it, who decided,
      and which pod came. At the gateway’s address, which <code>flyball up</code> printed with the
      domain:
    </p>
    <Command text={"curl -H 'Host: NAME.NAMESPACE.DOMAIN' GATEWAY_ADDRESS/"} />
    <p>
      <code>flyball up</code> tells traces here unless it was given <code>--no-traces</code>. Where
      it did not start Flyball, the services tell them when <code>FLYBALL_TRACES_URL</code> is this
      console’s address.
    </p>
  </Notice>
);

const barWidth = (trace: TraceSummary, longestMs: number): string =>
  `${(trace.durationMs / Math.max(1, longestMs)) * 100}%`;

const TraceRow = ({ trace, longestMs }: { readonly trace: TraceSummary; longestMs: number }) => (
  <tr>
    <td class="number">
      <a href={traceLink(trace.traceId)}>{dateAndTime(trace.startMs, Date.now())}</a>
    </td>
    <td>
      <span title={trace.kind} class={`kind is-${trace.kind.replace(' ', '-')}`}>
        <span aria-hidden="true">{kindSigns[trace.kind]}</span>{' '}
        <span class="kind-word">{trace.kind}</span>
      </span>
    </td>
    <td class="cell-workload">
      {trace.workload === null ? '–' : <a href={workloadLink(trace.workload)}>{trace.workload}</a>}
    </td>
    <td class="cell-duration">
      <span class="number">{duration(trace.durationMs)}</span>
      <span class="bar" aria-hidden="true">
        <i style={{ width: barWidth(trace, longestMs) }} />
      </span>
    </td>
    <td class="number cell-spans">{trace.spans}</td>
    <td class="cell-error">{trace.error === null ? '' : `! ${trace.error}`}</td>
  </tr>
);

const List = ({ traces }: { readonly traces: readonly TraceSummary[] }) => {
  const longestMs = Math.max(0, ...traces.map(({ durationMs }) => durationMs));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <section class="traces-scroll" tabIndex={0} aria-label="All traces">
      <table class="traces">
        <thead>
          <tr>
            {['Began', 'Kind', 'Workload', 'Took', 'Spans', 'Went wrong'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {traces.map((trace) => (
            <TraceRow key={trace.traceId} trace={trace} longestMs={longestMs} />
          ))}
        </tbody>
      </table>
    </section>
  );
};

export const TracesPage = ({ filter }: { readonly filter: TraceFilter }) => {
  const { workload, kind, minMs, sort } = filter;
  const [typed, setTyped] = useState<string | null>(null);
  const version = useEvery(everyMs);
  const asks = tracesAsked(filter, typed);
  const address = apiAddress(['traces'], asks);
  const asked = useJson<readonly TraceSummary[]>(address, 'traces', { version });
  const { body, failure, isLoading } = asked;
  useToldConnection(asked);
  const traces = useMemo(
    () => listedTraces(body ?? [], filter).slice(0, listedMax),
    [body, filter],
  );
  // What another filter asked for may hold none of these: that there are none is not known yet.
  const isWaiting = isLoading && traces.length === 0;
  const isNone = body !== null && !isLoading && traces.length === 0;
  const isFiltered = workload !== '' || kind !== null || minMs > 0;
  return (
    <>
      <div class="page-title">
        <h1>Traces</h1>
        <p class="totals">
          <b>{body === null || isWaiting ? '' : counted(traces.length, 'trace')}</b>
          {traces.length === listedMax && <span>only the {sort} of them</span>}
        </p>
      </div>
      <Toolbar filter={filter} onTyped={setTyped} />
      {failure !== null && <FailureNotice title="The traces cannot be listed" failure={failure} />}
      {isWaiting && <Loading what="traces" />}
      {traces.length > 0 && <List traces={traces} />}
      {isNone && !isFiltered && <Teach />}
      {isNone && isFiltered && (
        <Notice title="No trace is like that">
          {isWorkloadName(workload) && asks.workload === null && (
            <p>
              Of the newest {counted(searchedMax, 'trace')}. Enter asks for the older ones of{' '}
              {workload} too.
            </p>
          )}
          <button type="button" onClick={() => setFilter(allTraces)}>
            Show all
          </button>
        </Notice>
      )}
    </>
  );
};
