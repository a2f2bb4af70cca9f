/** Pages of Prometheus text: what they are read as, and what they say of a workload's load. */
import { type MetricSelector, readMetricSelector } from '@flyball/contracts/metric-selector';
import { describe, expect, it } from 'vitest';
import { plainSamples, readPrometheusPage } from './prometheus-page.ts';
import { readSourcePage, requestRate } from './source-reading.ts';

const selector = (text: string): MetricSelector => {
  const read = readMetricSelector(text);
  if (!read.ok) throw new Error(read.reason);
  return read.selector;
};
const valuesOf = (page: string, asked: string): number[] =>
  readPrometheusPage(page)
    .select(selector(asked))
    .map(({ value }) => value);

describe('Prometheus text', () => {
  it('is read without its comments and labelled series', () => {
    const page = '# HELP a b\n# TYPE a gauge\na 1.5\nb{x="1"} 3\nc +Inf 170000\n\nnot a sample\n';
    expect([...plainSamples(page)]).toEqual([
      ['a', 1.5],
      ['c', Number.POSITIVE_INFINITY],
    ]);
  });

  it('has labels in any order, with escapes, commas and braces in their values', () => {
    const page = [
      'a{x="1",y="q\\"q\\\\,}{\\n"} 1',
      ' a { y = "2" , x = "1" , } 2',
      'a{x="1" 3',
      'a{} 4 1700000000000',
      'ab 5',
      'a{x="2"} 1e3 # {trace="x"} 1',
      'a{x="3"} -Inf\r',
      'a NaN',
    ].join('\n');
    expect(valuesOf(page, 'a{x="1"}')).toEqual([1, 2]);
    expect(valuesOf(page, 'a{y="q\\"q\\\\,}{\\n"}')).toEqual([1]);
    expect(valuesOf(page, 'a{x=""}')).toEqual([4, Number.NaN]);
    expect(valuesOf(page, 'a{x=~"2|3"}')).toEqual([1_000, Number.NEGATIVE_INFINITY]);
    expect(valuesOf(page, 'a')).toHaveLength(6);
    expect(valuesOf(page, 'nothing')).toEqual([]);
  });

  it('has names that are parts of others, and stand in comments and values', () => {
    const page = 'aa 1\n# a 2\nb{x="a 3"} 4\n\ta 5\nx a 6\na\na 7';
    expect(valuesOf(page, 'a')).toEqual([5, 7]);
    expect(valuesOf('a 1', 'a')).toEqual([1]);
    expect(valuesOf('', 'a')).toEqual([]);
  });

  it('has no sample in an endless line, nor in one full of the name', () => {
    const endless = `m{a="${'x'.repeat(16_000_000)}"} 1`;
    const full = `x ${'m '.repeat(1_000_000)}`;
    expect(valuesOf(`${endless}\n${full}\nm 3`, 'm')).toEqual([3]);
  });
});

const source = {
  concurrency: selector('active{app="web"}'),
  requests: selector('seen_total{app="web"}'),
  absent: 'blind' as const,
};
const read = (page: string, asked: Partial<typeof source> | object = {}, atMs = 0) =>
  readSourcePage(readPrometheusPage(page), { ...source, ...asked }, { nowMs: 1e12, atMs });

describe('a gauge', () => {
  it('is the sum of its series; those of others do not count', () => {
    const page = 'active{app="web",pod="1"} 2.5\nactive{app="web",pod="2"} 1\nactive{app="x"} 9\n';
    expect(read(page, { requests: null }).concurrency).toBe(3.5);
  });

  it.each(['NaN', '+Inf', '-1', 'many'])('that says %s says nothing', (value) => {
    const page = `active{app="web",pod="1"} 2\nactive{app="web",pod="2"} ${value}\n`;
    expect(read(page).concurrency).toBeUndefined();
  });

  it('that is not there says nothing, or zero where that is what it means', () => {
    expect(read('other 1\n').concurrency).toBeUndefined();
    expect(read('other 1\n', { absent: 'zero' })).toMatchObject({ concurrency: 0 });
  });

  it('that was measured long ago is not there', () => {
    expect(read(`active{app="web"} 2 ${1e12 - 299_000}\n`).concurrency).toBe(2);
    expect(read(`active{app="web"} 2 ${1e12 - 301_000}\n`).concurrency).toBeUndefined();
  });
});

describe('the rate of counters', () => {
  const counters = (page: string, atMs: number) => {
    const { counters: found } = read(page, { concurrency: null }, atMs);
    if (found === undefined) throw new Error('no counters');
    return found;
  };
  const line = (code: number, value: number) => `seen_total{app="web",code="${code}"} ${value}\n`;

  it('is how much they grew together, by the time between', () => {
    const before = counters(line(200, 100) + line(500, 7), 1_000);
    const after = counters(line(200, 130) + line(500, 9), 3_000);
    expect(requestRate(before, after)).toBe(16);
  });

  it('takes one that fell as begun again, and the others as they are', () => {
    const before = counters(line(200, 100) + line(500, 7), 0);
    const after = counters(line(200, 4) + line(500, 10), 1_000);
    expect(requestRate(before, after)).toBe(7);
  });

  it('takes one that is new for what it will tell next', () => {
    const before = counters(line(200, 100), 0);
    const after = counters(line(200, 101) + line(500, 9_000), 1_000);
    expect(requestRate(before, after)).toBe(1);
  });

  it('is not known within no time', () => {
    expect(requestRate(counters(line(200, 1), 5), counters(line(200, 2), 5))).toBeUndefined();
  });
});

it('ten thousand workloads read one page of theirs within its time', () => {
  const lines = Array.from({ length: 10_000 }, (_, at) => `active{ns="d",app="web-${at}"} ${at}`);
  const page = readPrometheusPage(lines.join('\n'));
  let sum = 0;
  for (let at = 0; at < 10_000; at += 1) {
    sum += page.select(selector(`active{app="web-${at}",ns=~"d|e"}`))[0]?.value ?? Number.NaN;
  }
  expect(sum).toBe((9_999 * 10_000) / 2);
});
