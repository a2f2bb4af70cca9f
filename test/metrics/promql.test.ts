/** The reader of queries finds what is wrong, or nothing that is used would be checked by it. */
import { expect, test } from 'vitest';
import { checkQuery, type KnownMetrics } from './promql.ts';

const known: KnownMetrics = (metric) =>
  ({
    held: new Set(['instance']),
    seconds_bucket: new Set(['phase', 'instance', 'le']),
    ended_total: new Set(['code', 'instance']),
  })[metric];

const read = (text: string) => {
  const { problems, labels } = checkQuery(text, known);
  return { problems, labels: [...labels].toSorted() };
};

test.each([
  ['held', ['instance']],
  ['sum(held)', []],
  ['sum by (code) (rate(ended_total{code=~"5.."}[5m]))', ['code']],
  ['sum without (instance) (ended_total)', ['code']],
  ['topk(3, sum by (code) (ended_total))', ['code']],
  ['histogram_quantile(0.9, sum by (le, phase) (rate(seconds_bucket[5m])))', ['phase']],
  ['label_replace(sum(held) > 0, "stage", "x", "", "")', ['stage']],
  ['sum by (code) (ended_total) or max by (instance) (held)', ['code', 'instance']],
  ['sum by (code) (ended_total) / on (instance) held', ['code']],
  ['min_over_time(sum(held)[5m:30s]) > 1 and absent(held)', []],
])('%s is right, and gives the labels %j', (text, labels) => {
  expect(read(text).labels).toEqual(labels);
  expect(read(text).problems.filter((one) => !one.includes('has no label instance'))).toEqual([]);
});

test.each([
  ['hold', 'there is no metric hold'],
  ['sum(held', 'it does not parse'],
  ['held >', 'it does not parse'],
  ['held{code="200"}', 'held has no label code'],
  ['sum by (phase) (held)', 'has no label phase'],
  ['sum by (phase) (sum(seconds_bucket))', 'has no label phase'],
  ['histogram_quantile(0.9, sum(rate(seconds_bucket[5m])))', 'has no label le'],
  ['{__name__=~"h.*"}', 'names no metric'],
])('%s is refused: %s', (text, complaint) => {
  expect(read(text).problems.join('\n')).toContain(complaint);
});
