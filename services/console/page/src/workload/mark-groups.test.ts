/** Marks do not hide each other. */
import { expect, test } from 'vitest';
import type { Mark, MarkKind } from '../../../src/wire.ts';
import { groupWords, markGroups } from './mark-groups.ts';

const mark = (atMs: number, kind: MarkKind = 'cold start'): Mark => ({
  ...{ atMs, kind, sentence: `at ${atMs}`, eventId: `${kind} ${atMs}`, traceId: null },
});

test('near ones of one kind are one, those of another kind stay', () => {
  const groups = markGroups([mark(0), mark(5, 'policy'), mark(9), mark(10), mark(30)], 10);
  expect(groups.map(({ kind, marks }) => [kind, marks.map(({ atMs }) => atMs)])).toEqual([
    ['cold start', [0, 9]],
    ['policy', [5]],
    ['cold start', [10]],
    ['cold start', [30]],
  ]);
});

test('a group tells how many, and the first of them', () => {
  const [one] = markGroups([mark(1)], 10);
  const [many] = markGroups(
    [1, 2, 3, 4, 5, 6].map((atMs) => mark(atMs)),
    10,
  );
  expect(one && groupWords(one)).toBe('cold start: at 1');
  expect(many && groupWords(many)).toBe('6 × cold start: at 1 · at 2 · at 3 · at 4 · 2 more');
});
