import { expect, it } from 'vitest';
import { fittedTable } from './fitted-table.ts';

const table = ['HEAD', 'one', 'two', 'three', 'four'];
const foot = ['', 'clock'];
const andMore = (count: number) => `and ${count} more`;
const on = (rows: number, columns = 80) => fittedTable({ rows, columns }, table, foot, andMore);

it('shows all where there is room', () => {
  expect(on(8)).toEqual([...table, ...foot]);
});

it('keeps the head and the first lines where there is none, and counts the others', () => {
  expect(on(7)).toEqual(['HEAD', 'one', 'two', 'and 2 more', ...foot]);
  expect(on(6)).toEqual(['HEAD', 'one', 'and 3 more', ...foot]);
});

it('says how many there are on a screen that has no room for any', () => {
  expect(on(2)).toEqual(['HEAD', 'and 4 more', ...foot]);
});

it('counts a line that is wrapped as often as it is', () => {
  const wide = ['HEAD', '\u001b[1mfour and six\u001b[0m', 'two'];
  expect(fittedTable({ rows: 5, columns: 6 }, wide, ['now'], () => 'more')).toEqual([
    ...['HEAD', 'more', 'now'],
  ]);
});
