/** What the console tells of the fleet, put together. */
import { expect, test } from 'vitest';
import { consoleTime, silentSince } from '../data/silence.ts';
import { isLate } from './filter-rows.ts';
import { asOfWords, isWhole, unknownFleet, withAll, withAway, withChange } from './fleet-rows.ts';
import { fleetRow } from './row-fixture.ts';

const two = withAll(
  unknownFleet,
  { atMs: 5, tickAtMs: [4], rows: [fleetRow('web'), fleetRow('api')], more: 3 },
  50,
);

test('all of it, in order', () => {
  expect([...two.rows.keys()]).toEqual(['default/api', 'default/web']);
  expect(two).toMatchObject({ more: 3, toldAtMs: 5, tickAtMs: [4], away: null });
});

test('a change replaces, adds in order, and takes away', () => {
  const rows = [fleetRow('web', { ready: 5 }), fleetRow('cart')];
  const gone = ['default/api', 'default/none'];
  const changed = withChange(two, { atMs: 6, tickAtMs: [6], rows, gone }, 60);
  expect([...changed.rows.keys()]).toEqual(['default/cart', 'default/web']);
  expect(changed.rows.get('default/web')?.ready).toBe(5);
  expect(changed.toldAtMs).toBe(6);
  expect(two.rows.get('default/web')?.ready).toBe(1);
});

test('a name that goes and another that comes leave the order right', () => {
  const rows = [fleetRow('aa')];
  const changed = withChange(two, { atMs: 6, tickAtMs: [6], rows, gone: ['default/web'] }, 60);
  expect([...changed.rows.keys()]).toEqual(['default/aa', 'default/api']);
});

test('all anew forgets what was', () => {
  const anew = withAll(two, { atMs: 7, tickAtMs: [7], rows: [fleetRow('cart')], more: 0 }, 70);
  expect([...anew.rows.keys()]).toEqual(['default/cart']);
});

test('what cannot be seen is told until it is seen again', () => {
  const away = withAway(two, { atMs: 8, reason: 'NATS is away' });
  expect(away.away).toBe('NATS is away');
  expect(away.rows.size).toBe(2);
  expect(withAway(away, { atMs: 9, reason: null }).away).toBeNull();
});

test('a row that changes without a tick does not break a silence', () => {
  expect(two.heard).toEqual({ asOfMs: 4, toldAtMs: 5, cameAtMs: 50 });
  const change = { atMs: 20_000, tickAtMs: [4], rows: [fleetRow('web')], gone: [] };
  const { heard } = withChange(two, change, 20_045);
  expect(silentSince(heard, 20_045)).toBe(49);
});

test('a reader whose clock is an hour ahead sees no averages as late for that', () => {
  const [tickAtMs, cameAtMs] = [10_000, 3_610_100];
  const row = fleetRow('web', { dataAtMs: tickAtMs });
  const told = { atMs: 10_100, tickAtMs: [tickAtMs], rows: [row], more: 0 };
  const fleet = withAll(unknownFleet, told, cameAtMs);
  const isLateAt = (nowMs: number) => isLate(row, fleet.tickAtMs, consoleTime(fleet.heard, nowMs));
  expect(isLateAt(cameAtMs + 5_900)).toBe(false);
  expect(isLateAt(cameAtMs + 5_901)).toBe(true);
});

test('what NATS last told is as of then, and not as of when the page was opened', () => {
  const opened = Date.parse('2026-03-01T10:30:00');
  const tickAtMs = [null, Date.parse('2026-03-01T10:00:00')];
  const told = { atMs: opened, tickAtMs, rows: [fleetRow('web')], more: 0 };
  const fleet = withAll(unknownFleet, told, opened);
  expect(asOfWords(fleet, opened)).toBe('What is shown is as of 10:00:00.');
  expect(asOfWords(unknownFleet, opened)).toBe('No tick was seen yet.');
});

test.each([
  ['nothing is told yet', { toldAtMs: null }, false],
  ['all is seen', { away: null }, true],
  ['the log is not open', { away: 'The log is not open yet.' }, false],
  ['a partition is still being read', { away: 'Being read.', tickAtMs: [4, null] }, false],
  ['NATS went away when all was read', { away: 'NATS is away', tickAtMs: [4, 5] }, true],
] as const)('a fleet without rows is empty or not read yet: %s', (_when, known, expected) => {
  expect(isWhole({ ...unknownFleet, toldAtMs: 5, ...known })).toBe(expected);
});
