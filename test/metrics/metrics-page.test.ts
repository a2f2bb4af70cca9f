/** The strict reader of pages refuses what Prometheus would refuse, or take for something else. */
import { expect, test } from 'vitest';
import { readMetricsPage } from './metrics-page.ts';

const told = '# HELP a_seconds How long.\n# TYPE a_seconds histogram\n';

test('a page is read by name and labels', () => {
  const text =
    '# HELP a Some.\n# TYPE a gauge\na{b="x \\"y\\""} 1\na{b="z"} 2.5e-1\n\n' +
    `${told}a_seconds_bucket{le="1"} 2\na_seconds_bucket{le="+Inf"} 3\n` +
    'a_seconds_sum 4\na_seconds_count 3\n';
  const page = readMetricsPage(text);
  expect(page.sum('a')).toBe(1.25);
  expect(page.one('a', { b: 'z' })).toBe(0.25);
  expect(page.one('a_seconds_count')).toBe(3);
  expect(() => page.one('a')).toThrow('2 samples');
});

test.each([
  ['a 1\n', 'before any TYPE'],
  ['# HELP a A.\n# TYPE b gauge\nb 1\n', 'does not follow'],
  ['# HELP a A.\n# TYPE a gauge\nb 1\n', 'b is below a'],
  ['# HELP a A.\n# TYPE a gauge\na{b="1"} 1\na{b="1"} 2\n', 'twice'],
  ['# HELP a A.\n# TYPE a gauge\na 1\n# HELP a A.\n# TYPE a gauge\na 1\n', 'told twice'],
  ['# HELP a A.\n# TYPE a gauge\na{b=1} 1\n', 'labels of'],
  ['# HELP a A.\n# TYPE a gauge\na one\n', 'is no value'],
  ['# HELP a A.\n# TYPE a gauge\na 1', 'does not end'],
  [
    `${told}a_seconds_bucket{le="1"} 5\na_seconds_bucket{le="+Inf"} 3\na_seconds_count 3\n`,
    'add up',
  ],
  [`${told}a_seconds_bucket{le="1"} 2\na_seconds_count 2\n`, 'add up'],
])('%j is refused: %s', (text, complaint) => {
  expect(() => readMetricsPage(text)).toThrow(complaint);
});
