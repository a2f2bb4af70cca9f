/** The sign in the head. */
import { expect, test } from 'vitest';
import { type Connection, shownConnection } from './connection.ts';

test('a console that answers but has nothing new is stale, not live', () => {
  expect(shownConnection('live', true)).toBe('stale');
  expect(shownConnection('live', false)).toBe('live');
});

test.each<Connection>(['connecting', 'reconnecting', 'gone'])(
  '%s says more than stale does',
  (connection) => expect(shownConnection(connection, true)).toBe(connection),
);
