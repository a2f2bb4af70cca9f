/** When two answers are the same. */
import { expect, it } from 'vitest';
import { compareAnswers } from './difference.ts';

const differs = (expected: unknown, got: unknown, nearly = false): boolean => {
  const fields = nearly ? { nearly: new Set(['value']) } : {};
  return (
    compareAnswers({ expected: { value: expected }, got: { value: got }, ...fields }).length > 0
  );
};

it.each([
  [0, -0],
  ['NaN', Number.NaN],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['Infinity', Number.POSITIVE_INFINITY],
  [null, null],
  [[], []],
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
])('%s is the same as %s', (expected, got) => {
  expect(differs(expected, got)).toBe(false);
});

it.each([
  [0.1 + 0.2, 0.3],
  ['NaN', 0],
  ['NaN', 'Infinity'],
  [null, 0],
  [1, '1'],
  [true, 1],
  [['a'], ['b']],
])('%s is not the same as %s', (expected, got) => {
  expect(differs(expected, got)).toBe(true);
});

it('is near within 1e-12 of itself, only where that is allowed', () => {
  expect(differs(0.1 + 0.2, 0.3, true)).toBe(false);
  expect(differs(1000 * (1 + 1e-11), 1000, true)).toBe(true);
  expect(differs(0, 1e-20, true)).toBe(true);
});

it('misses what only one of the two says', () => {
  const told = compareAnswers({ expected: { a: 1 }, got: { b: 2 }, tick: 3 });
  expect(told).toEqual([
    { tick: 3, field: 'a', expected: 1, got: undefined },
    { tick: 3, field: 'b', expected: undefined, got: 2 },
  ]);
});
