/** Links: every page and what is chosen on it can be sent to somebody else. */
import { expect, test } from 'vitest';
import {
  allTraces,
  lately,
  parseRoute,
  type Route,
  routeLink,
  wholeFleet,
  workloadLink,
} from './route.ts';

const routes: readonly Route[] = [
  { page: 'fleet', filter: wholeFleet },
  { page: 'fleet', filter: { text: 'shop & co?', state: 'panic', sort: 'load' } },
  { page: 'workload', namespace: 'default', name: 'web', view: lately },
  { page: 'workload', namespace: 'a', name: 'b', view: { range: '6h', atMs: 1_700_000_000_000 } },
  {
    page: 'workload',
    namespace: 'a',
    name: 'b',
    view: { range: { fromMs: 1_000, toMs: 2_000 }, atMs: null },
  },
  { page: 'traces', filter: allTraces },
  {
    page: 'traces',
    filter: { workload: 'default/web', kind: 'cold start', minMs: 500, sort: 'slowest' },
  },
  { page: 'trace', traceId: 'ab12', spanId: null },
  { page: 'trace', traceId: 'ab12', spanId: 'cd34' },
  { page: 'unknown', address: '/pods/1' },
];

test.each(routes)('$page is found again by its link, %#', (route) => {
  expect(parseRoute(routeLink(route))).toEqual(route);
});

test('the usual is left out of links', () => {
  expect(routeLink({ page: 'fleet', filter: wholeFleet })).toBe('#/');
  expect(workloadLink('default/web')).toBe('#/workloads/default/web');
});

test('a name that is no text has a link that leads to no workload', () => {
  expect(workloadLink('default/\uD800')).toBe('#/workloads/default/%EF%BF%BD');
});

test.each([
  ['', { page: 'fleet', filter: wholeFleet }],
  ['#/?state=nonsense&sort=1', { page: 'fleet', filter: wholeFleet }],
  ['#/workloads/a/b?range=9y&at=-5', { page: 'workload', view: lately }],
  ['#/workloads/a/b?from=5&to=4', { page: 'workload', view: lately }],
  ['#/traces?minMs=1e9', { page: 'traces', filter: allTraces }],
  ['#/workloads/a%zz/b', { page: 'workload', namespace: 'a%zz' }],
  ['#/workloads/a', { page: 'unknown' }],
  ['#/traces/a/b/c', { page: 'unknown' }],
])('what a person mistypes in %s is passed over', (hash, expected) => {
  expect(parseRoute(hash)).toMatchObject(expected);
});
