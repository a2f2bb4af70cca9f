/** Going from moment to moment, and what holds at one. */
import { expect, test } from 'vitest';
import { indexAt, momentBeside } from './moments.ts';

test.each([
  [null, -1, 30],
  [null, 1, 30],
  [20, 1, 30],
  [20, -1, 10],
  [10, -1, 10],
  [25, 1, 30],
  [25, -1, 20],
  [99, -1, 30],
  [20, -9, 10],
])('from %s, %i steps lead to %i', (atMs, steps, expected) => {
  expect(momentBeside([10, 20, 30], atMs, steps)).toBe(expected);
});

test('without moments there is none to go to', () => {
  expect(momentBeside([], 5, 1)).toBeUndefined();
});

test.each([
  [9, -1],
  [10, 0],
  [19, 0],
  [30, 2],
  [99, 2],
])('at %i the value of index %i holds', (atMs, index) => {
  expect(indexAt([10, 20, 30], atMs)).toBe(index);
});
