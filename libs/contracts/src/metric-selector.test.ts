/** Selectors are read as Prometheus reads them, and a wrong one is told where it is wrong. */
import { describe, expect, it } from 'vitest';
import { readMetricSelector } from './metric-selector.ts';

const accepted = (text: string) => {
  const read = readMetricSelector(text);
  if (!read.ok) throw new Error(read.reason);
  return read.selector;
};
const matches = (text: string, labels: Record<string, string>): boolean =>
  accepted(text).matchers.every(({ label, accepts }) => accepts(labels[label] ?? ''));

describe('a selector', () => {
  it('is a name, with or without matchers', () => {
    expect(accepted('up')).toEqual({ name: 'up', matchers: [] });
    expect(accepted(' job:rate5m { } ')).toEqual({ name: 'job:rate5m', matchers: [] });
    const written = accepted(`a{b="1", c != 'x y',d=~"v.*",}`).matchers;
    expect(written.map(({ label, operator, value }) => [label, operator, value])).toEqual([
      ['b', '=', '1'],
      ['c', '!=', 'x y'],
      ['d', '=~', 'v.*'],
    ]);
  });

  it('matches whole values; a label that is not there is empty', () => {
    expect(matches('a{b="outbound|80||web"}', { b: 'outbound|80||web' })).toBe(true);
    expect(matches('a{b=~"2.."}', { b: '200' })).toBe(true);
    expect(matches('a{b=~"2.."}', { b: '2000' })).toBe(false);
    expect(matches('a{b!~"5..|4.."}', { b: '200' })).toBe(true);
    expect(matches('a{b!="x"}', {})).toBe(true);
    expect(matches('a{b=""}', {})).toBe(true);
    expect(matches('a{b="x"}', {})).toBe(false);
  });

  it('takes escapes in quotes', () => {
    expect(accepted('a{b="q\\"q\\\\n\\n"}').matchers[0]?.value).toBe('q"q\\n\n');
  });

  it('is done in no time with an expression that a backtracking engine never ends', () => {
    expect(matches('a{b=~"(a+)+$"}', { b: `${'a'.repeat(5_000)}b` })).toBe(false);
  });
});

it.each([
  ['', 'does not begin with the name of a metric'],
  ['1a', 'does not begin with the name of a metric'],
  ['rate(a[1m])', 'is more than a metric with labels'],
  ['a[1m]', 'is more than a metric with labels'],
  ['a{b}', 'no label and operator at "b}"'],
  ['a{b=1}', 'no value in quotes at "1}"'],
  ['a{b="1"', 'no comma or brace at ""'],
  ['a{b="1"} > 3', 'goes on after its closing brace'],
  ['a{b=~"("}', 'an expression that RE2 does not know'],
  ['a'.repeat(1_001), 'longer than 1000 characters'],
])('%s is refused', (text, reason) => {
  expect(readMetricSelector(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});
