/** A question is taken whole or not at all, with every mistake named. */
import { expect, test } from 'vitest';
import { readQuestion } from './question.js';

const read = (query: string) => readQuestion(new URLSearchParams(query));

test.each([
  ['sleep=100&prime=10000&bloat=5', { sleep: 100, prime: 10_000, bloat: 5 }],
  ['bloat=5', { bloat: 5 }],
  ['prime=100000000', { prime: 100_000_000 }],
  ['sleep=0&prime=7', { prime: 7 }],
  ['', {}],
])('%j is understood', (query, question) => {
  expect(read(query)).toEqual({ question, mistakes: [] });
});

test.each([
  ['sleep=-1', 'sleep is "-1"; it must be a whole number from 0 to 300000 (milliseconds)'],
  ['sleep=1e3', 'sleep is "1e3"; it must be a whole number from 0 to 300000 (milliseconds)'],
  ['bloat=', 'bloat is ""; it must be a whole number from 0 to 256 (Mb)'],
  ['bloat=257', 'bloat is 257; it must be a whole number from 0 to 256 (Mb)'],
  ['prime=NaN', /^prime is "NaN"; it must be a whole number from 0 to 100000000/],
  ['prime=99999999999999999999', /^prime is "99999999999999999999"; it must be/],
  ['sleep=1&sleep=2', /^sleep was given 2 times; give it once/],
  ['toString=1', /^"toString" is not known; allowed: sleep \(milliseconds, 0 to 300000\), prime/],
])('%j is refused', (query, mistake) => {
  const { mistakes } = read(query);
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toMatch(mistake);
});

test('every mistake is told at once', () => {
  expect(read('sleep=x&bloat=y&slepp=1').mistakes).toHaveLength(3);
});
