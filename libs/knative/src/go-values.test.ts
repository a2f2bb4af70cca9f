/** Numbers, booleans and durations are read as Go reads them. */
import { describe, expect, it } from 'vitest';
import { parseGoDuration } from './go-duration.ts';
import { parseGoBool, parseGoFloat, parseGoInt } from './go-number.ts';

describe('whole numbers', () => {
  it.each([
    ['+007', 7],
    ['-12', -12],
    ['2147483647', 2_147_483_647],
    ['-2147483648', -2_147_483_648],
  ])('%j is %d', (text, value) => {
    expect(parseGoInt(text, 32)).toBe(value);
  });

  it.each(['', '+', ' 1', '1.0', '1e3', '0x10', '1_000', '2147483648', '９'])(
    '%j is none',
    (text) => {
      expect(parseGoInt(text, 32)).toBeUndefined();
    },
  );

  it('reads 64 bits where Knative does', () => {
    expect(parseGoInt('3000000000', 64)).toBe(3_000_000_000);
    expect(parseGoInt('9223372036854775808', 64)).toBeUndefined();
  });
});

describe('floats', () => {
  it.each([
    ['1e2', 100],
    ['.5', 0.5],
    ['5.', 5],
    ['-0.25', -0.25],
    ['1_0.2_5', 10.25],
    ['0x10p0', 16],
    ['0x1.8p1', 3],
    ['-0X_Fp-1', -7.5],
    ['+Inf', Infinity],
    ['-infinity', -Infinity],
    ['NAN', Number.NaN],
    ['1e-400', 0],
  ])('%j is %d', (text, value) => {
    expect(parseGoFloat(text)).toBe(value);
  });

  it.each(['', '.', 'e5', '1e', ' 10', '10 ', '_1', '1_', '1__0', '1_e5', '0x10', '0xp1'])(
    '%j is none',
    (text) => {
      expect(parseGoFloat(text)).toBeUndefined();
    },
  );

  it.each(['1e400', '-1e309', '0x1p99999', '+nan', '1,5', '٣'])('%j is none', (text) => {
    expect(parseGoFloat(text)).toBeUndefined();
  });
});

describe('durations', () => {
  it.each([
    ['60s', 60_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1h0m1s', 3_601_000],
    ['1500us', 1.5],
    ['1µs', 0.001],
    ['-1s', -1000],
    ['0', 0],
    ['-0', 0],
    ['1m0.000s', 60_000],
  ])('%j is %d ms', (text, ms) => {
    expect(parseGoDuration(text)).toBe(ms);
  });

  it.each(['', '60', 's', '1', '1d', '1 s', '1S', '--1s', '1s-', '.s', '2562048h', '1e3s'])(
    '%j is none',
    (text) => {
      expect(parseGoDuration(text)).toBeUndefined();
    },
  );
});

it('reads booleans, and nothing that only looks like one', () => {
  expect(['1', 't', 'TRUE', 'True'].map(parseGoBool)).toEqual([true, true, true, true]);
  expect(['0', 'F', 'false'].map(parseGoBool)).toEqual([false, false, false]);
  expect(['', 'yes', 'on', 'tRUE', ' true'].map(parseGoBool)).toEqual(Array(5).fill(undefined));
});
