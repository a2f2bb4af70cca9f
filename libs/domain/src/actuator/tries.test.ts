/** When the numbers of tries begin anew: never for a name under which some were made. */
import { expect, test } from 'vitest';
import { beginAnew, type Tries } from './tries.ts';

const tries: Tries = {
  causeId: 'wake-1',
  ...{ attempts: 2, lastAttempt: 2, refused: false, againAtMs: 0 },
};

test('after a success the numbers go on while a wake stands, and begin anew without', () => {
  const wake = { id: 'wake-1', atMs: 0, traceparent: null };
  expect(beginAnew(tries, wake)).toBe(tries);
  expect(beginAnew(tries, null)).toBeNull();
});
