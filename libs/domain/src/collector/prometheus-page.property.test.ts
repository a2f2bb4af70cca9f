/** Any page is read without a throw, and what an exporter wrote is read back. */
import { readMetricSelector } from '@flyball/contracts/metric-selector';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainSamples, readPrometheusPage } from './prometheus-page.ts';
import { requestRate } from './source-reading.ts';

const settings = { seed: 37, numRuns: 300 };

const name = fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,6}$/);
const label = fc.stringMatching(/^[a-z_][a-z0-9_]{0,4}$/);
const text = fc.string({
  unit: fc.constantFrom('a', '"', '\\', '\n', '}', '{', ',', '=', ' ', 'é'),
});
const labels = fc.dictionary(label, text, { maxKeys: 4 });
const value = fc.double({ noNaN: true }).map((given) => given + 0);

interface Written {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}
const series = fc.record({ name, labels, value });

const escaped = (given: string): string =>
  given.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const numberText = (given: number): string => {
  if (Number.isFinite(given)) return String(given);
  return given > 0 ? '+Inf' : '-Inf';
};

const lineOf = (one: Written): string => {
  const all = Object.entries(one.labels).map(([key, given]) => `${key}="${escaped(given)}"`);
  return `${one.name}${all.length === 0 ? '' : `{${all.join(',')}}`} ${numberText(one.value)}`;
};

const accepted = (asked: string) => {
  const read = readMetricSelector(asked);
  if (!read.ok) throw new Error(read.reason);
  return read.selector;
};

describe('a page', () => {
  it('gives back every series of a name, in its order', () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 20 }), name, (all, asked) => {
        const found = readPrometheusPage(all.map(lineOf).join('\n')).select(accepted(asked));
        const wanted = all.filter((one) => one.name === asked);
        expect(found.map((one) => [Object.fromEntries(one.labels), one.value])).toEqual(
          wanted.map((one) => [one.labels, one.value]),
        );
      }),
      settings,
    );
  });

  it('gives back those whose label has the value, as a look at each of them would', () => {
    fc.assert(
      fc.property(
        fc.array(series, { minLength: 1, maxLength: 20 }),
        label,
        text,
        (all, key, is) => {
          const [first] = all;
          const asked = accepted(`${first?.name}{${key}="${escaped(is)}"}`);
          const found = readPrometheusPage(all.map(lineOf).join('\n')).select(asked);
          const wanted = all.filter(
            (one) => one.name === first?.name && (one.labels[key] ?? '') === is,
          );
          expect(found.map((one) => one.value)).toEqual(wanted.map((one) => one.value));
        },
      ),
      settings,
    );
  });

  it('of whatever text is read without a throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), name, (page, asked) => {
        readPrometheusPage(page).select(accepted(asked));
        plainSamples(page);
      }),
      settings,
    );
  });
});

it('a rate is never negative, whatever counters did', () => {
  const counters = fc.dictionary(label, fc.double({ min: 0, max: 1e15, noNaN: true }));
  fc.assert(
    fc.property(counters, counters, fc.integer({ min: 1, max: 100_000 }), (one, other, atMs) => {
      const values = (given: Record<string, number>) => new Map(Object.entries(given));
      const before = { atMs: 0, values: values(one) };
      const rate = requestRate(before, { atMs, values: values(other) });
      expect(rate).toBeGreaterThanOrEqual(0);
    }),
    settings,
  );
});
