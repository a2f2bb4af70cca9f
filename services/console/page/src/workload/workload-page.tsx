/** Workload: its load and its replicas over time, and the explanation of any moment. */
import { useMemo } from 'preact/hooks';
import type { EventsTold, Series } from '../../../src/wire.ts';
import { apiAddress } from '../data/fetch-json.ts';
import { useJson } from '../data/use-json.ts';
import { useNow } from '../data/use-now.ts';
import { clockTime } from '../format/time.ts';
import { Command, FailureNotice, Loading, Notice } from '../parts/notice.tsx';
import { allTraces, type Route, routeLink, type WorkloadView } from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import { Charts } from './charts.tsx';
import { EventsList } from './events-list.tsx';
import { ExplanationPanel } from './explanation-panel.tsx';
import { SeriesRows } from './series-rows.tsx';
import { rangeNames, rangeWords, type Span, shownSpan } from './time-range.ts';
import { useSeries } from './use-series.ts';

/** Events of the shown time that are listed at most. */
const eventsMax = 200;
/** A page that goes on asks for its events anew in steps of this length. */
const eventsStepMs = 2_000;

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
            {clockTime(range.fromMs)}–{clockTime(range.toMs)}
          </button>
        )}
      </fieldset>
    </div>
  );
};

const hasTraffic = ({ concurrency, wanted, ready, held }: Series): boolean =>
  [...concurrency, ...wanted, ...ready, ...held].some(([, value]) => value !== null && value > 0);

const Teach = ({ namespace, name }: Pick<WorkloadRoute, 'namespace' | 'name'>) => (
  <Notice title="No traffic in this time">
    <p>Requests reach it through the gateway by its host name. This one asks once:</p>
    <Command text={`curl -H 'Host: ${name}.${namespace}.example.com' http://127.0.0.1:8080/`} />
    <p>The first request to a workload at zero is held until a pod has come for it.</p>
  </Notice>
);

const useEvents = (route: WorkloadRoute, span: Span, version: number) => {
  const { namespace, name, view } = route;
  const isLive = typeof view.range === 'string';
  // The address changes with the beginning of the time only in steps, and with what has moved.
  const sinceMs = isLive ? Math.floor(span.fromMs / 60_000) * 60_000 : Math.floor(span.fromMs);
  const query = { sinceMs, untilMs: isLive ? null : Math.ceil(span.toMs), limit: eventsMax };
  const address = apiAddress(['workloads', namespace, name, 'events'], query);
  const moved = Math.floor((version * 1_000) / eventsStepMs);
  return useJson<EventsTold>(address, `${namespace}/${name}`, moved);
};

export interface WorkloadPageProps {
  readonly route: WorkloadRoute;
  readonly isDark: boolean;
}

export const WorkloadPage = ({ route, isDark }: WorkloadPageProps) => {
  const { namespace, name, view } = route;
  const { series, failure, version } = useSeries(namespace, name, view.range);
  const nowMs = useNow();
  const { fromMs, toMs } = shownSpan(view.range, nowMs);
  const span = useMemo(() => ({ fromMs, toMs }), [fromMs, toMs]);
  const events = useEvents(route, span, version);
  const traceOf = useMemo(() => {
    const traces = new Map(events.body?.events.map(({ id, traceId }) => [id, traceId]));
    return (eventId: string) => traces.get(eventId) ?? null;
  }, [events.body]);
  const onView = (next: WorkloadView) => goTo({ ...route, view: next });
  const choose = (atMs: number | null) =>
    goTo({ ...route, view: { ...view, atMs } }, { replace: true });
  if (failure !== null && series === null) {
    return (
      <>
        <Title route={route} onView={onView} />
        <FailureNotice title={`${namespace}/${name} cannot be shown`} failure={failure} />
      </>
    );
  }
  return (
    <>
      <Title route={route} onView={onView} />
      {failure !== null && (
        <p class="banner" role="alert">
          {failure.message}
        </p>
      )}
      <div class="workload-parts">
        <div class="workload-time">
          {series === null ? (
            <div class="charts is-empty">
              <Loading what="its time" />
            </div>
          ) : (
            <>
              <Charts
                series={series}
                span={span}
                chosenMs={view.atMs}
                isDark={isDark}
                onChoose={choose}
                onSpan={(range) => onView({ ...view, range })}
              />
              {!hasTraffic(series) && <Teach namespace={namespace} name={name} />}
              <SeriesRows series={series} span={span} />
            </>
          )}
        </div>
        <ExplanationPanel
          namespace={namespace}
          name={name}
          atMs={view.atMs}
          version={version}
          metric={series?.metric ?? null}
          nowMs={nowMs}
          onNow={() => choose(null)}
          traceOf={traceOf}
        />
        <EventsList
          told={events}
          chosenMs={view.atMs}
          onChoose={(atMs) => {
            choose(atMs);
            // On a narrow screen the explanation is above the list.
            document.querySelector('.explanation')?.scrollIntoView({ block: 'nearest' });
          }}
        />
      </div>
    </>
  );
};
