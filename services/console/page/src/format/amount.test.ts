/** Amounts as text. */
import { expect, test } from 'vitest';
import { counted, load, loadUnit, percent } from './amount.ts';

test.each([
  [null, '–'],
  [0, '0'],
  [0.04, '<0.1'],
  [0.05, '0.1'],
  [12.54, '12.5'],
  [10, '10'],
  [1_234.5, '1,235'],
])('a load of %s is %s', (value, expected) => {
  expect(load(value)).toBe(expected);
});

test.each([
  [null, '–'],
  [0, '0 %'],
  [0.756, '76 %'],
  [12, '>999 %'],
])('%s is %s', (fraction, expected) => {
  expect(percent(fraction)).toBe(expected);
});

test('one is one', () => {
  expect([0, 1, 2].map((count) => counted(count, 'pod'))).toEqual(['0 pods', '1 pod', '2 pods']);
  expect(loadUnit(null)).toBe('in flight');
  expect(loadUnit('rps')).toBe('requests a second');
});
