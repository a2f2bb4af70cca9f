/** The whole page: a head, and what the address names. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Connection, ConnectionContext, shownConnection } from './data/connection.ts';
import { FleetPage } from './fleet/fleet-page.tsx';
import { Head } from './parts/head.tsx';
import { Notice } from './parts/notice.tsx';
import { useTheme } from './parts/theme.ts';
import { type Route, routeLink, wholeFleet } from './routing/route.ts';
import { useRoute } from './routing/use-route.ts';
import { TracePage } from './traces/trace-page.tsx';
import { TracesPage } from './traces/traces-page.tsx';
import { WorkloadPage } from './workload/workload-page.tsx';

const titleOf = (route: Route): string => {
  switch (route.page) {
    case 'fleet':
      return 'Fleet';
    case 'workload':
      return `${route.namespace}/${route.name}`;
    case 'traces':
      return 'Traces';
    case 'trace':
      return `Trace ${route.traceId.slice(0, 8)}`;
    case 'unknown':
      return 'Not found';
  }
};

const Page = ({ route, isDark }: { readonly route: Route; readonly isDark: boolean }) => {
  switch (route.page) {
    case 'fleet':
      return <FleetPage filter={route.filter} />;
    case 'workload': {
      const key = `${route.namespace}/${route.name}`;
      return <WorkloadPage key={key} route={route} isDark={isDark} />;
    }
    case 'traces':
      return <TracesPage filter={route.filter} />;
    case 'trace':
      return <TracePage key={route.traceId} traceId={route.traceId} spanId={route.spanId} />;
    case 'unknown':
      return (
        <Notice title="There is no such page" kind="failure">
          <p>
            <code>{route.address}</code> names none.{' '}
            <a href={routeLink({ page: 'fleet', filter: wholeFleet })}>The fleet</a> has all
            workloads.
          </p>
        </Notice>
      );
  }
};

export const App = () => {
  const route = useRoute();
  const theme = useTheme();
  const [connection, setConnection] = useState<Connection>('connecting');
  const [isStale, setStale] = useState(false);
  const teller = useMemo(() => ({ tell: setConnection, tellStale: setStale }), []);
  const title = titleOf(route);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(title);
  useEffect(() => {
    document.title = `${title} · Flyball`;
    // Whoever went on by the keyboard goes on in the new page, not in the link that is gone.
    if (shown.current !== title) main.current?.focus({ preventScroll: true });
    shown.current = title;
  }, [title]);
  return (
    <ConnectionContext.Provider value={teller}>
      <Head
        route={route}
        connection={route.page === 'unknown' ? null : shownConnection(connection, isStale)}
        theme={theme}
      />
      <main ref={main} tabIndex={-1} class={`page-${route.page}`}>
        <Page route={route} isDark={theme.isDark} />
      </main>
    </ConnectionContext.Provider>
  );
};
