/** Workload: its load and its replicas over time, and the explanation of any moment. */
import { useMemo } from 'preact/hooks';
import type { EventsTold, Series } from '../../../src/wire.ts';
import { useTellStale } from '../data/connection.ts';
import { apiAddress } from '../data/fetch-json.ts';
import { type Heard, silentSince } from '../data/silence.ts';
import { useStepped } from '../data/stepped.ts';
import { useJson } from '../data/use-json.ts';
import { useNow } from '../data/use-now.ts';
import { timesBetween } from '../format/time.ts';
import {
  Command,
  FailureNotice,
  Loading,
  Notice,
  ProblemBanner,
  SilenceBanner,
} from '../parts/notice.tsx';
import { allTraces, type Route, routeLink, type WorkloadView } from '../routing/route.ts';
import { rangeNames, rangeWords, type Stretch, shownStretch } from '../routing/shown-range.ts';
import { goTo } from '../routing/use-route.ts';
import { Charts, type ChartsProps } from './charts.tsx';
import { EventsList } from './events-list.tsx';
import { ExplanationPanel } from './explanation-panel.tsx';
import { SeriesRows } from './series-rows.tsx';
import { useHeard } from './use-heard.ts';
import { useSeries } from './use-series.ts';

/** Events of the shown time that are listed at most. */
const eventsMax = 200;
/** A page that goes on asks for its events anew in steps of this length. */
const eventsStepMs = 1_000;

type WorkloadRoute = Extract<Route, { page: 'workload' }>;

interface TitleProps {
  readonly route: WorkloadRoute;
  readonly onView: (view: WorkloadView) => void;
}

const Title = ({ route, onView }: TitleProps) => {
  const { namespace, name, view } = route;
  const traces = { ...allTraces, workload: `${namespace}/${name}` };
  const { range } = view;
  return (
    <div class="page-title">
      <h1>
        <span class="namespace">{namespace}/</span>
        {name}
      </h1>
      <a href={routeLink({ page: 'traces', filter: traces })}>Traces</a>
      <fieldset class="choices ranges">
        <legend class="unseen">Time that is shown</legend>
        {rangeNames.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={range === one}
            title={`The last ${rangeWords[one]}`}
            onClick={() => onView({ ...view, range: one })}
          >
            {one}
          </button>
        ))}
        {typeof range !== 'string' && (
          <button type="button" aria-pressed={true} title="A stretch of time that stands still">
            {timesBetween(range.fromMs, range.toMs, Date.now())}
          </button>
        )}
      </fieldset>
    </div>
  );
};

const hasTraffic = ({ concurrency, wanted, ready, waiting }: Series): boolean =>
  [...concurrency, ...wanted, ...ready, ...waiting].some(
    ([, value]) => value !== null && value > 0,
  );

const Teach = ({ namespace, name }: Pick<WorkloadRoute, 'namespace' | 'name'>) => (
  <Notice title="No traffic in this time">
    <p>
      Requests reach it by its host name, at the gateway’s address. <code>flyball up</code> printed
      both the address and the domain:
    </p>
    <Command text={`curl -H 'Host: ${name}.${namespace}.DOMAIN' GATEWAY_ADDRESS/`} />
    <p>The first request to a workload at zero is held until a pod has come for it.</p>
  </Notice>
);

const useEvents = (route: WorkloadRoute, stretch: Stretch, version: number) => {
  const { namespace, name, view } = route;
  const isLive = typeof view.range === 'string';
  // The address changes with the beginning of the time only in steps, and with what has moved.
  const sinceMs = isLive
    ? Math.floor(stretch.fromMs / 60_000) * 60_000
    : Math.floor(stretch.fromMs);
  const query = { sinceMs, untilMs: isLive ? null : Math.ceil(stretch.toMs), limit: eventsMax };
  const address = apiAddress(['workloads', namespace, name, 'events'], query);
  const moved = useStepped(version, eventsStepMs);
  const of = isLive ? `the last ${view.range}` : address;
  return useJson<EventsTold>(address, `${namespace}/${name}`, { version: moved, of });
};

export interface WorkloadPageProps {
  readonly route: WorkloadRoute;
  readonly isDark: boolean;
}

interface TimePartProps extends Omit<ChartsProps, 'series'> {
  readonly series: Series | null;
  readonly route: WorkloadRoute;
}

/** Its time: as charts, and as a table. Until it is known its place is kept. */
const TimePart = ({ series, route, ...charts }: TimePartProps) => {
  if (series === null) {
    return (
      <div class="workload-time">
        <div class="charts is-empty">
          <Loading what="its time" />
        </div>
      </div>
    );
  }
  return (
    <div class="workload-time">
      <Charts series={series} {...charts} />
      {!hasTraffic(series) && <Teach namespace={route.namespace} name={route.name} />}
      <SeriesRows series={series} stretch={charts.stretch} />
    </div>
  );
};

/** Since when nothing was heard of it; what stands still is never silent. UTC ms. */
const useSilence = (
  { namespace, name, view }: WorkloadRoute,
  moved: Heard,
  nowMs: number,
): number | null => {
  const isLive = typeof view.range === 'string';
  const heard = useHeard(namespace, name, { moved, isLive });
  return isLive ? silentSince(heard, nowMs) : null;
};

/** On a narrow screen the explanation is above the list in which its moment was chosen. */
const showExplanation = (): void =>
  document.querySelector('.explanation')?.scrollIntoView({ block: 'nearest' });

export const WorkloadPage = ({ route, isDark }: WorkloadPageProps) => {
  const { namespace, name, view } = route;
  const { atMs, range } = view;
  const { series, failure, version, moved } = useSeries(namespace, name, range);
  const nowMs = useNow();
  const { fromMs, toMs } = shownStretch(range, nowMs);
  const stretch = useMemo(() => ({ fromMs, toMs }), [fromMs, toMs]);
  const events = useEvents(route, stretch, version);
  const silentSinceMs = useSilence(route, moved, nowMs);
  useTellStale(series !== null && (failure !== null || silentSinceMs !== null));
  const onView = (next: WorkloadView) => goTo({ ...route, view: next });
  const choose = (chosenMs: number | null) =>
    goTo({ ...route, view: { ...view, atMs: chosenMs } }, { replace: true });
  const onStretch = (shown: Stretch) => onView({ ...view, range: shown });
  const title = <Title route={route} onView={onView} />;
  if (failure !== null && series === null) {
    return (
      <>
        {title}
        <FailureNotice title={`${namespace}/${name} cannot be shown`} failure={failure} />
      </>
    );
  }
  const charts = { stretch, chosenMs: atMs, isDark, onChoose: choose, onStretch };
  const why = { namespace, name, atMs, version, metric: series?.metric ?? null, nowMs };
  const onEvent = (chosenMs: number) => {
    choose(chosenMs);
    showExplanation();
  };
  return (
    <>
      {title}
      {failure !== null && (
        <p class="banner" role="alert">
          {failure.message}
        </p>
      )}
      {failure === null && silentSinceMs !== null && <SilenceBanner sinceMs={silentSinceMs} />}
      {typeof range === 'string' && <ProblemBanner problem={series?.problem ?? null} />}
      <div class="workload-parts">
        <TimePart series={series} route={route} {...charts} />
        <ExplanationPanel {...why} onNow={() => choose(null)} />
        <EventsList told={events} chosenMs={atMs} onChoose={onEvent} nowMs={nowMs} />
      </div>
    </>
  );
};
