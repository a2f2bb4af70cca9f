/** What the console tells of the fleet, put together. */
import { expect, test } from 'vitest';
import { unknownFleet, withAll, withAway, withChange } from './fleet-rows.ts';
import { fleetRow } from './row-fixture.ts';

const two = withAll(unknownFleet, {
  ...{ atMs: 5, tickAtMs: [5] },
  rows: [fleetRow('web'), fleetRow('api')],
  more: 3,
});

test('all of it, in order', () => {
  expect([...two.rows.keys()]).toEqual(['default/api', 'default/web']);
  expect(two).toMatchObject({ more: 3, toldAtMs: 5, tickAtMs: [5], away: null });
});

test('a change replaces, adds in order, and takes away', () => {
  const rows = [fleetRow('web', { ready: 5 }), fleetRow('cart')];
  const changed = withChange(two, {
    atMs: 6,
    tickAtMs: [6],
    rows,
    gone: ['default/api', 'default/none'],
  });
  expect([...changed.rows.keys()]).toEqual(['default/cart', 'default/web']);
  expect(changed.rows.get('default/web')?.ready).toBe(5);
  expect(changed.toldAtMs).toBe(6);
  expect(two.rows.get('default/web')?.ready).toBe(1);
});

test('a name that goes and another that comes leave the order right', () => {
  const changed = withChange(two, {
    atMs: 6,
    tickAtMs: [6],
    rows: [fleetRow('aa')],
    gone: ['default/web'],
  });
  expect([...changed.rows.keys()]).toEqual(['default/aa', 'default/api']);
});

test('all anew forgets what was', () => {
  const anew = withAll(two, { atMs: 7, tickAtMs: [7], rows: [fleetRow('cart')], more: 0 });
  expect([...anew.rows.keys()]).toEqual(['default/cart']);
});

test('what cannot be seen is told until it is seen again', () => {
  const away = withAway(two, { atMs: 8, reason: 'NATS is away' });
  expect(away.away).toBe('NATS is away');
  expect(away.rows.size).toBe(2);
  expect(withAway(away, { atMs: 9, reason: null }).away).toBeNull();
});
