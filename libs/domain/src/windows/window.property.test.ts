/** The laws of windows, for random lives: against a model that keeps every sample. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createWindow,
  isWindowEmpty,
  recordSample,
  resizeWindow,
  type Window,
  type WindowAlgorithm,
  windowAverage,
} from './window.ts';
import {
  averageOfModel,
  countedSeconds,
  emptyModel,
  isModelEmpty,
  recordInModel,
  resizeModel,
  type Sample,
  type WindowModel,
} from './window-model.fixture.ts';

const seed = 20260101;
const startSecond = 1_767_225_600;
const algorithm = fc.constantFrom<WindowAlgorithm>('linear', 'weighted-exponential');
const lengthS = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(6, 60, 300, 3600));
const value = fc.integer({ min: 0, max: 1e9 });

/** What happens next, `stepS` after what came before: earlier, in the same second, or later. */
const act = fc.record({
  act: fc.constantFrom('record', 'record', 'record', 'record', 'read', 'resize'),
  stepS: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(0, 1, 1, 2) },
    { weight: 2, arbitrary: fc.integer({ min: -70, max: 70 }) },
    { weight: 1, arbitrary: fc.constantFrom(-3600, 299, 300, 3599, 3600, 3601, 1_000_000) },
  ),
  value,
  lengthS,
});
const lives = fc.array(act, { minLength: 1, maxLength: 80 });

const samples = fc.array(fc.record({ second: fc.integer({ min: 1000, max: 1200 }), value }), {
  minLength: 1,
  maxLength: 80,
});

const filled = (kind: WindowAlgorithm, length: number, told: readonly Sample[]): Window => {
  const window = createWindow(kind, length * 1000);
  for (const sample of told) recordSample(window, sample.second, sample.value);
  return window;
};

const modelOf = (kind: WindowAlgorithm, length: number, told: readonly Sample[]): WindowModel =>
  told.reduce(recordInModel, emptyModel(kind, length));

/** Linear averages to the last digit; weighted ones to 1e-12 of themselves: powers differ. */
const expectSame = (window: Window, model: WindowModel, now: number): void => {
  const [found, expected] = [windowAverage(window, now), averageOfModel(model, now)];
  expect(isWindowEmpty(window, now)).toBe(isModelEmpty(model, now));
  if (model.algorithm === 'linear') expect(found).toBe(expected);
  else expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
};

describe('windows, beside a list of all samples', () => {
  test('give the same digits whatever comes late, stays away or resizes them', () => {
    fc.assert(
      fc.property(algorithm, lengthS, lives, (kind, length, life) => {
        const window = createWindow(kind, length * 1000);
        let model = emptyModel(kind, length);
        let now = startSecond;
        for (const next of life) {
          now += next.stepS;
          if (next.act === 'record') {
            recordSample(window, now, next.value);
            model = recordInModel(model, { second: now, value: next.value });
          } else if (next.act === 'resize') {
            resizeWindow(window, next.lengthS * 1000, now);
            model = resizeModel(model, next.lengthS, now);
          }
          expectSame(window, model, now);
        }
        for (const later of [1, 2, 5, 59, 60, 61, 300, 3600, 3601]) {
          expectSame(window, model, now + later);
        }
      }),
      { seed, numRuns: 1000 },
    );
  });

  test('of an hour are as exact after a day as after their first hour', () => {
    const window = createWindow('linear', 3_600_000);
    let model = emptyModel('linear', 3600);
    const random = fc.sample(value, { seed, numRuns: 1009 });
    for (let at = 0; at < 86_400; at += 1) {
      const sample = { second: startSecond + at, value: random[at % random.length] ?? 0 };
      recordSample(window, sample.second, sample.value);
      if (at >= 86_400 - 3600) model = recordInModel(model, sample);
    }
    expectSame(window, model, startSecond + 86_400 - 1);
    expectSame(window, model, startSecond + 86_400 + 1800);
  });
});

describe('windows', () => {
  test('do not care for the order of samples within one window', () => {
    const shuffled = samples.chain((told) =>
      fc.tuple(fc.constant(told), fc.shuffledSubarray(told, { minLength: told.length })),
    );
    fc.assert(
      fc.property(shuffled, algorithm, ([told, otherwise], kind) => {
        expect(filled(kind, 300, otherwise)).toEqual(filled(kind, 300, told));
      }),
      { seed, numRuns: 300 },
    );
  });

  test('a correction by the difference is as if it had been so from the start', () => {
    fc.assert(
      fc.property(samples, fc.nat(), value, (told, which, corrected) => {
        const at = which % told.length;
        const wrong = told[at] ?? { second: 1000, value: 0 };
        const one = filled('linear', 300, told);
        recordSample(one, wrong.second, corrected - wrong.value);
        const right = told.with(at, { second: wrong.second, value: corrected });
        expect(one).toEqual(filled('linear', 300, right));
      }),
      { seed, numRuns: 300 },
    );
  });

  test('of a constant load average exactly that, from the first to the last silent second', () => {
    const cases = fc.tuple(value, lengthS, fc.integer({ min: 1, max: 200 }), fc.nat());
    fc.assert(
      fc.property(cases, ([load, length, seconds, silence]) => {
        const told = Array.from({ length: seconds }, (_, second) => ({ second, value: load }));
        const now = seconds - 1 + (silence % length);
        expect(windowAverage(filled('linear', length, told), now)).toBe(load);
        const weighted = windowAverage(filled('weighted-exponential', length, told), seconds - 1);
        // Its weights add up to less than one, and in a full window to 0.9999 at least.
        expect(weighted).toBeLessThanOrEqual(load * (1 + 1e-12));
        if (seconds >= length) expect(weighted).toBeGreaterThanOrEqual(load * 0.9999 * (1 - 1e-12));
      }),
      { seed, numRuns: 300 },
    );
  });

  test('average between the least and the most of the seconds that count', () => {
    fc.assert(
      fc.property(samples, lengthS, fc.integer({ min: 0, max: 70 }), (told, length, ahead) => {
        const model = modelOf('linear', length, told);
        const now = (model.span?.last ?? 0) + ahead;
        const counted = countedSeconds(model, now);
        if (counted.length === 0) return;
        const average = windowAverage(filled('linear', length, told), now);
        // A window that is partly silent divides by what is left, never by less than it counts.
        expect(average).toBeLessThanOrEqual(Math.max(...counted) + 5e-7);
        expect(average).toBeGreaterThanOrEqual(Math.min(...counted) - 5e-7);
      }),
      { seed, numRuns: 500 },
    );
  });

  test('shifted in time give the same digits', () => {
    const shift = fc.integer({ min: -startSecond + 1, max: startSecond });
    fc.assert(
      fc.property(samples, algorithm, lengthS, shift, (told, kind, length, byS) => {
        const moved = told.map((one) => ({ ...one, second: startSecond + one.second + byS }));
        const at = Math.max(...told.map(({ second }) => second)) + (Math.abs(byS) % length);
        const expected = windowAverage(filled(kind, length, told), at);
        expect(windowAverage(filled(kind, length, moved), startSecond + at + byS)).toBe(expected);
      }),
      { seed, numRuns: 300 },
    );
  });

  test('resized keep what fits: a smaller one is as if it had always been so', () => {
    const full = fc.array(value, { minLength: 60, maxLength: 120 });
    fc.assert(
      fc.property(full, algorithm, fc.integer({ min: 1, max: 60 }), (values, kind, smaller) => {
        const told = values.map((one, second) => ({ second, value: one }));
        const now = values.length - 1;
        const window = filled(kind, 60, told);
        resizeWindow(window, smaller * 1000, now);
        const expected = windowAverage(filled(kind, smaller, told), now);
        expect(windowAverage(window, now)).toBe(expected);
        // And growing again adds nothing that was given up.
        resizeWindow(window, 60_000, now);
        const sum = values.slice(-smaller).reduce((total, one) => total + one, 0);
        if (kind === 'linear') expect(window.total).toBe(sum);
      }),
      { seed, numRuns: 300 },
    );
  });

  test('take nothing that is a whole window late', () => {
    const late = fc.tuple(samples, algorithm, lengthS, fc.nat({ max: 5000 }), value);
    fc.assert(
      fc.property(late, ([told, kind, length, lateS, load]) => {
        const window = filled(kind, length, told);
        recordSample(window, window.lastSecond - length - lateS, load);
        expect(window).toEqual(filled(kind, length, told));
      }),
      { seed, numRuns: 300 },
    );
  });
});
