import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readEarlierRun, writeResults } from './earlier-run.ts';
import { type Figure, verdictOf } from './figure.ts';
import { summarize } from './statistics.ts';
import { figureTable, shortNumber } from './table.ts';

const folder = await mkdtemp(join(tmpdir(), 'flyball-report-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const figure: Figure = {
  id: 'first',
  title: 'first request',
  unit: 'ms',
  bar: 'p99 ≤ 15 ms',
  knative: '10 ms',
  knativeP50: 10,
  meets: ({ p99 }) => p99 <= 15,
};
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => last - index);

describe('a summary', () => {
  test('takes the nearest rank, in whatever order the values came', () => {
    expect(summarize(upTo(100))).toEqual({ count: 100, p50: 50, p99: 99, max: 100 });
    expect(summarize(upTo(101))).toEqual({ count: 101, p50: 51, p99: 100, max: 101 });
  });

  test('of few values has their maximum as p99, of one value only that', () => {
    expect(summarize([3, 1, 2])).toEqual({ count: 3, p50: 2, p99: 3, max: 3 });
    expect(summarize([7])).toEqual({ count: 1, p50: 7, p99: 7, max: 7 });
  });

  test('of nothing is nothing', () => {
    expect(summarize([])).toBeUndefined();
  });
});

test.each([
  [[1, 15], 'met'],
  [[1, 16], 'MISSED'],
  [[], 'not measured'],
])('%j is %s', (values, verdict) => {
  expect(verdictOf({ figure, values })).toBe(verdict);
});

test('a figure without a bar has no verdict', () => {
  const { meets: _, ...printed } = figure;
  expect(verdictOf({ figure: printed, values: [1] })).toBe('');
});

test.each([
  [1234.56, '1235'],
  [12.34, '12.3'],
  [0.456, '0.46'],
  [5, '5'],
  [Number.NaN, '–'],
])('%d is shown as %s', (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

describe('the table', () => {
  const line = (text: string) => text.split('\n').find((one) => one.includes('first request'));

  test('puts ours beside the bar and Knative, with the ratio of the medians', () => {
    const table = figureTable([{ figure, values: [2, 4, 6] }], undefined);
    expect(line(table)).toMatch(/p99 ≤ 15 ms.*10 ms.*4 \/ 6 \/ 6 ms \(3\).*× 0\.40.*met/);
  });

  test('names what could not be measured, and why', () => {
    const table = figureTable([{ figure, values: [], note: 'no pod came' }], undefined);
    expect(line(table)).toContain('not measured');
    expect(table).toContain('first: no pod came');
  });

  test('shows how the median changed since an earlier run', () => {
    const earlier = new Map([['first', [8, 8, 9]]]);
    const table = figureTable([{ figure, values: [2, 4, 6] }], earlier);
    expect(line(table)).toContain('8 → 4 (-50 %)');
  });
});

describe('the file of a run', () => {
  const path = join(folder, 'run.json');

  test('is read back for the next comparison', async () => {
    const machine = {
      ...{ atMs: 1, cores: 2, processor: 'x', memoryGiB: 4, loadAverage: 0.5 },
      ...{ node: 'v24.0.0', nats: '2.14.0', redis: '7.0.0' },
    };
    const measured = [{ figure, values: [2, 4, 6] }];
    await writeResults(path, { machine, measured, processorSeconds: {} });
    expect(await readEarlierRun(path)).toEqual(new Map([['first', [2, 4, 6]]]));
  });

  test('is refused by name when it is another file', async () => {
    await writeFile(path, '{"figures": 3}');
    await expect(readEarlierRun(path)).rejects.toThrow(`--compare ${path} is not a file`);
  });
});
