/** The head of every page: where one is, how the page hears from the console, light or dark. */
import type { ShownConnection } from '../data/connection.ts';
import { readersZone } from '../format/time.ts';
import { allTraces, type Route, routeLink, wholeFleet } from '../routing/route.ts';
import { type Theme, type ThemeChoice, themes } from './theme.ts';

const connectionWords: Readonly<Record<ShownConnection, string>> = {
  connecting: 'connecting',
  live: 'live',
  stale: 'stale',
  reconnecting: 'reconnecting',
  gone: 'console gone',
};

const themeWords: Readonly<Record<Theme, string>> = {
  system: 'auto',
  light: 'light',
  dark: 'dark',
};

const ThemeSwitch = ({ choice }: { readonly choice: ThemeChoice }) => (
  <label class="theme-switch">
    <span class="unseen">Colours</span>
    <select
      value={choice.theme}
      onChange={({ currentTarget }) => {
        const chosen = themes.find((theme) => theme === currentTarget.value);
        if (chosen !== undefined) choice.choose(chosen);
      }}
    >
      {themes.map((theme) => (
        <option key={theme} value={theme}>
          {themeWords[theme]}
        </option>
      ))}
    </select>
  </label>
);

export interface HeadProps {
  readonly route: Route;
  /** Null: this page hears nothing from the console. */
  readonly connection: ShownConnection | null;
  readonly theme: ThemeChoice;
}

export const Head = ({ route, connection, theme }: HeadProps) => {
  const isTraces = route.page === 'traces' || route.page === 'trace';
  const isFleet = route.page === 'fleet' || route.page === 'workload';
  return (
    <header class="head">
      <a class="brand" href={routeLink({ page: 'fleet', filter: wholeFleet })}>
        <img src="/icon.svg" width="20" height="20" alt="" />
        Flyball
      </a>
      <nav aria-label="Pages">
        <a
          href={routeLink({ page: 'fleet', filter: wholeFleet })}
          aria-current={isFleet ? 'page' : undefined}
        >
          Fleet
        </a>
        <a
          href={routeLink({ page: 'traces', filter: allTraces })}
          aria-current={isTraces ? 'page' : undefined}
        >
          Traces
        </a>
      </nav>
      <span class="head-end">
        <span class="zone" title="All times are in this zone">
          {readersZone()}
        </span>
        {connection !== null && (
          <span class={`connection is-${connection}`} role="status">
            {connectionWords[connection]}
          </span>
        )}
        <ThemeSwitch choice={theme} />
      </span>
    </header>
  );
};
