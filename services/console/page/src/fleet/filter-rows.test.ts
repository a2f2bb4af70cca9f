/** Finding workloads among many. */
import { expect, test } from 'vitest';
import { fleetStates, wholeFleet } from '../routing/route.ts';
import { isLate, shownRows, stateCounts, totalsOf } from './filter-rows.ts';
import { fleetRow } from './row-fixture.ts';

const rows = [
  fleetRow('api', { panic: 3, targetUse: null }),
  fleetRow('cart', { desired: 5, ready: 2, mode: 'panic', panic: 50, waiting: 7 }),
  fleetRow('idle', { desired: 0, ready: 0, seen: 'unobserved', panic: null, stable: null }),
  fleetRow('web', { seen: 'blind', problem: 'Nobody could measure it.', namespace: 'prod' }),
];

const shown = (filter: Partial<typeof wholeFleet>) =>
  shownRows(rows, { ...wholeFleet, ...filter }).map(({ name }) => name);

test('every state has the rows that it counts', () => {
  const counts = stateCounts(rows);
  expect(counts).toEqual({ all: 4, active: 3, panic: 1, zero: 1, blind: 1, problem: 1 });
  for (const state of fleetStates) expect(shown({ state })).toHaveLength(counts[state]);
});

test.each([
  ['', ['api', 'cart', 'idle', 'web']],
  ['PROD', ['web']],
  ['ca def', ['cart']],
  ['default/i', ['idle']],
  ['nothing', []],
])('"%s" finds %j', (text, names) => {
  expect(shown({ text })).toEqual(names);
});

test('the largest first, what is not known last, equals by name', () => {
  expect(shown({ sort: 'load' })).toEqual(['cart', 'web', 'api', 'idle']);
  expect(shown({ sort: 'use' })).toEqual(['cart', 'idle', 'web', 'api']);
  expect(shown({ sort: 'waiting' })).toEqual(['cart', 'api', 'idle', 'web']);
});

test('totals add up what is known', () => {
  expect(totalsOf(rows)).toEqual({ desired: 7, ready: 4, waiting: 7, load: 57 });
});

test('averages are late after three ticks, and those of nothing never are', () => {
  const row = fleetRow('web', { dataAtMs: 1_000 });
  expect(isLate(row, [], 7_000)).toBe(false);
  expect(isLate(row, [], 7_001)).toBe(true);
  expect(isLate(row, [5_000], 11_000)).toBe(false);
  expect(isLate(row, [null], 11_000)).toBe(true);
  expect(isLate(fleetRow('web', { seen: 'idle' }), [], 99_000)).toBe(false);
});
