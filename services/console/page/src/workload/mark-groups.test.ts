/** Marks do not hide each other. */
import { expect, test } from 'vitest';
import type { Mark, MarkKind } from '../../../src/wire.ts';
import { groupWords, markGroups } from './mark-groups.ts';

const mark = (atMs: number, kind: MarkKind = 'cold start'): Mark => ({
  ...{ atMs, kind, sentence: `at ${atMs}`, eventId: `${kind} ${atMs}`, traceId: null },
});

test('near ones are one, as grave as the gravest of them', () => {
  const groups = markGroups(
    [mark(0, 'policy'), mark(9), mark(10), mark(15, 'failed'), mark(16, 'policy'), mark(30)],
    10,
  );
  expect(groups.map(({ kind, marks }) => [kind, marks.map(({ atMs }) => atMs)])).toEqual([
    ['cold start', [0, 9]],
    ['failed', [10, 15, 16]],
    ['cold start', [30]],
  ]);
});

test('groups are never nearer to each other than was asked', () => {
  const marks = Array.from({ length: 500 }, (_, index) => mark(index * 7));
  const starts = markGroups(marks, 24).map(({ atMs }) => atMs);
  starts.slice(1).forEach((atMs, index) => {
    expect(atMs - (starts[index] ?? 0)).toBeGreaterThanOrEqual(24);
  });
});

test('a group tells what it holds, and how many more', () => {
  const [one] = markGroups([mark(1)], 10);
  const [many] = markGroups([mark(1), mark(2, 'policy'), mark(3), mark(4), mark(5), mark(6)], 10);
  expect(one && groupWords(one)).toBe('cold start: at 1');
  expect(many && groupWords(many)).toBe(
    '6 marks: cold start: at 1 · policy change: at 2 · cold start: at 3 · ' +
      'cold start: at 4 · 2 more',
  );
});
