/** Which page is shown, and how: everything that a link to it has to say. */
import { type TraceKind, traceKinds } from '../../../src/wire.ts';
import { isRangeName, type RangeName, type ShownRange } from './shown-range.ts';

export const fleetStates = ['all', 'active', 'panic', 'zero', 'blind', 'problem'] as const;
export type FleetState = (typeof fleetStates)[number];

export const fleetSorts = ['name', 'load', 'use', 'replicas', 'waiting', 'decided'] as const;
export type FleetSort = (typeof fleetSorts)[number];

export interface FleetFilter {
  readonly text: string;
  readonly state: FleetState;
  readonly sort: FleetSort;
}

export interface TraceFilter {
  /** `namespace/name`, or empty for all. */
  readonly workload: string;
  readonly kind: TraceKind | null;
  readonly minMs: number;
  readonly sort: 'newest' | 'slowest';
}

/** A stretch of time that ends now, or one that stands still; and the moment that was chosen. */
export interface WorkloadView {
  readonly range: ShownRange;
  /** UTC ms; null: now. */
  readonly atMs: number | null;
}

export type Route =
  | { readonly page: 'fleet'; readonly filter: FleetFilter }
  | {
      readonly page: 'workload';
      readonly namespace: string;
      readonly name: string;
      readonly view: WorkloadView;
    }
  | { readonly page: 'traces'; readonly filter: TraceFilter }
  | { readonly page: 'trace'; readonly traceId: string; readonly spanId: string | null }
  | { readonly page: 'unknown'; readonly address: string };

export const wholeFleet: FleetFilter = { text: '', state: 'all', sort: 'name' };
export const allTraces: TraceFilter = { workload: '', kind: null, minMs: 0, sort: 'newest' };
const usualRange: RangeName = '15m';
export const lately: WorkloadView = { range: usualRange, atMs: null };

const oneOf = <Value extends string>(
  values: readonly Value[],
  text: string | null,
): Value | undefined => values.find((value) => value === text);

/** A time or a length, UTC ms or ms; undefined for what is none. */
const wholeNumber = (text: string | null): number | undefined =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

const fleetFilter = (query: URLSearchParams): FleetFilter => ({
  text: query.get('text') ?? '',
  state: oneOf(fleetStates, query.get('state')) ?? wholeFleet.state,
  sort: oneOf(fleetSorts, query.get('sort')) ?? wholeFleet.sort,
});

const traceFilter = (query: URLSearchParams): TraceFilter => ({
  workload: query.get('workload') ?? '',
  kind: oneOf(traceKinds, query.get('kind')) ?? null,
  minMs: wholeNumber(query.get('minMs')) ?? 0,
  sort: query.get('sort') === 'slowest' ? 'slowest' : 'newest',
});

const workloadView = (query: URLSearchParams): WorkloadView => {
  const [fromMs, toMs] = [wholeNumber(query.get('from')), wholeNumber(query.get('to'))];
  const named = query.get('range') ?? '';
  const atMs = wholeNumber(query.get('at')) ?? null;
  if (fromMs !== undefined && toMs !== undefined && fromMs < toMs) {
    return { range: { fromMs, toMs }, atMs };
  }
  return { range: isRangeName(named) ? named : lately.range, atMs };
};

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** Reads `location.hash`. */
export const parseRoute = (hash: string): Route => {
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?', 2);
  const query = new URLSearchParams(search);
  const [place, first, second, ...rest] = path.split('/').slice(1).map(decoded);
  if (rest.length > 0) return { page: 'unknown', address: path };
  if (place === undefined || place === '') return { page: 'fleet', filter: fleetFilter(query) };
  if (place === 'workloads' && first !== undefined && second !== undefined) {
    return { page: 'workload', namespace: first, name: second, view: workloadView(query) };
  }
  if (place === 'traces' && first === undefined) {
    return { page: 'traces', filter: traceFilter(query) };
  }
  if (place === 'traces' && first !== undefined && second === undefined) {
    return { page: 'trace', traceId: first, spanId: query.get('span') };
  }
  return { page: 'unknown', address: path };
};

type Asked = Readonly<Record<string, string | number | null>>;

/** What is as it is by default is left out. */
const withQuery = (path: string, asked: Asked, usual: Asked = {}): string => {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(asked)) {
    if (value !== null && value !== '' && value !== usual[key]) query.set(key, String(value));
  }
  const text = query.toString();
  return `#/${path}${text === '' ? '' : `?${text}`}`;
};

/** What spans call a workload may be any text, also one that no address can hold. */
const encoded = (part: string): string => encodeURIComponent(part.toWellFormed());

const viewQuery = ({ range, atMs: at }: WorkloadView): Asked => {
  if (typeof range === 'string') return { range, at };
  return { from: range.fromMs, to: range.toMs, at };
};

/** The link to a page: `parseRoute` gives the same route again. */
export const routeLink = (route: Route): string => {
  switch (route.page) {
    case 'fleet':
      return withQuery('', { ...route.filter }, { ...wholeFleet });
    case 'workload': {
      const path = [route.namespace, route.name].map(encoded).join('/');
      return withQuery(`workloads/${path}`, viewQuery(route.view), { range: usualRange });
    }
    case 'traces':
      return withQuery('traces', { ...route.filter }, { ...allTraces });
    case 'trace':
      return withQuery(`traces/${encoded(route.traceId)}`, { span: route.spanId });
    case 'unknown':
      return `#${route.address}`;
  }
};

/** The link to a workload, given as `namespace/name`, at a moment or now. */
export const workloadLink = (workload: string, view: WorkloadView = lately): string => {
  const [namespace = '', name = ''] = workload.split('/');
  return routeLink({ page: 'workload', namespace, name, view });
};

export const traceLink = (traceId: string): string =>
  routeLink({ page: 'trace', traceId, spanId: null });
