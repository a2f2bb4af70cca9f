/** Subject filters match as those of a NATS server do. */
import { expect, test } from 'vitest';
import { isExactSubject, subjectMatcher } from './subject-match.ts';

test.each([
  ['a.b', 'a.b', true],
  ['a.b', 'a.b.c', false],
  ['a.b.c', 'a.b', false],
  ['a.*', 'a.b', true],
  ['a.*', 'a', false],
  ['a.*', 'a.b.c', false],
  ['*.b.*', 'a.b.c', true],
  ['a.>', 'a', false],
  ['a.>', 'a.b', true],
  ['a.>', 'a.b.c', true],
  ['a.>', 'b.c', false],
  ['>', 'a.b', true],
])('%s against %s: %s', (filter, subject, expected) => {
  expect(subjectMatcher(filter)(subject)).toBe(expected);
});

test('only a subject without wildcards is exact', () => {
  expect(['a.b', 'a.*', 'a.>', '>'].map(isExactSubject)).toEqual([true, false, false, false]);
});
