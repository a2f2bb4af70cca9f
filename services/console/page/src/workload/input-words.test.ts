/** The inputs of a decision, in words. */
import { expect, test } from 'vitest';
import { inputWords, movedWords } from './input-words.ts';

test.each([
  ['stableAverage', 12.3456, 'concurrency', '12.346 in flight'],
  ['targetValue', 150, 'rps', '150 requests a second'],
  ['inFlight', 7, 'rps', '7 in flight'],
  ['readyPods', 5, null, '5'],
  ['seen', 'blind', null, 'blind: nobody could measure'],
  ['seen', 'measured', null, 'measured'],
  ['reachable', false, null, 'no'],
  ['unheardOf', 'x', null, 'x'],
] as const)('%s %s is told', (name, value, metric, text) => {
  expect(inputWords({ name, value, unit: '' }, metric)?.[1]).toBe(text);
});

test('what was not given is not told', () => {
  expect(inputWords({ name: 'inFlight', value: null, unit: '' }, null)).toBeUndefined();
});

test.each([
  [null, 3, '3'],
  [3, 3, 'stays 3'],
  [0, 5, '0 → 5'],
])('from %s to %i is %s', (from, to, text) => {
  expect(movedWords(from, to)).toBe(text);
});
