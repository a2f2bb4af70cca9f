/** The laws of windows, for random lives: against a model that keeps every sample. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWindow, recordSample, windowAverage } from './window.ts';

const seed = 20260101;
const lengthS = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(6, 60, 300, 3600));
const samples = fc.array(
  fc.record({
    second: fc.integer({ min: 1000, max: 1200 }),
    milli: fc.integer({ min: 0, max: 1e9 }),
  }),
  { minLength: 1, maxLength: 80 },
);

/** As the rules are told: every sample kept, every average made from scratch. */
const modelAverage = (
  told: readonly { second: number; milli: number }[],
  length: number,
  now: number,
): number => {
  let kept: { second: number; milli: number }[] = [];
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const sample of told) {
    if (sample.second <= last - length) continue;
    if (sample.second >= last + length) {
      kept = [];
      first = sample.second;
    }
    first = Math.min(first, sample.second);
    last = Math.max(last, sample.second);
    kept.push(sample);
  }
  const silent = Math.max(0, now - last);
  if (silent >= length) return 0;
  const counted = kept.filter(({ second }) => second > last - length + silent);
  const total = counted.reduce((sum, { milli }) => sum + milli, 0);
  return Math.round((total / Math.min(last - first + 1, length - silent)) * 1e6) / 1e6;
};

describe('windows', () => {
  test('give what a list of all samples gives', () => {
    fc.assert(
      fc.property(samples, lengthS, fc.integer({ min: 0, max: 70 }), (told, length, ahead) => {
        const window = createWindow('linear', length * 1000);
        for (const { second, milli } of told) recordSample(window, second, milli);
        const now = Math.max(...told.map(({ second }) => second)) + ahead;
        expect(windowAverage(window, now)).toBeCloseTo(modelAverage(told, length, now), 5);
      }),
      { seed, numRuns: 500 },
    );
  });

  test('do not care for the order of samples within one window', () => {
    const shuffled = samples.chain((told) =>
      fc.tuple(fc.constant(told), fc.shuffledSubarray(told, { minLength: told.length })),
    );
    const algorithm = fc.constantFrom('linear' as const, 'weighted-exponential' as const);
    fc.assert(
      fc.property(shuffled, algorithm, ([told, otherwise], kind) => {
        const [one, other] = [told, otherwise].map((order) => {
          const window = createWindow(kind, 300_000);
          for (const { second, milli } of order) recordSample(window, second, milli);
          return window;
        });
        expect(other).toEqual(one);
      }),
      { seed, numRuns: 300 },
    );
  });

  test('a correction by the difference is as if it had been so from the start', () => {
    fc.assert(
      fc.property(samples, fc.nat(), fc.integer({ min: 0, max: 1e9 }), (told, which, corrected) => {
        const at = which % told.length;
        const [one, other] = [createWindow('linear', 300_000), createWindow('linear', 300_000)];
        for (const { second, milli } of told) recordSample(one, second, milli);
        const wrong = told[at] ?? { second: 1000, milli: 0 };
        recordSample(one, wrong.second, corrected - wrong.milli);
        told.forEach(({ second, milli }, index) => {
          recordSample(other, second, index === at ? corrected : milli);
        });
        expect(one).toEqual(other);
      }),
      { seed, numRuns: 300 },
    );
  });
});
