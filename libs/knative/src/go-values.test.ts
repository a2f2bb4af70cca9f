/** Numbers, booleans and durations are read as Go reads them: each line was asked of Go itself. */
import { describe, expect, it } from 'vitest';
import { parseGoDuration } from './go-duration.ts';
import { parseGoBool, parseGoFloat, parseGoInt } from './go-number.ts';

describe('whole numbers', () => {
  it.each([
    ['+007', 7],
    ['-12', -12],
    ['2147483647', 2_147_483_647],
    ['-2147483648', -2_147_483_648],
    ['-0', 0],
    [`${'0'.repeat(300)}7`, 7],
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
    ['00e0', 0],
    ['1_2e3_4', 12e34],
    [`0.${'0'.repeat(400)}1`, 0],
    [`${'0'.repeat(500)}1`, 1],
    ['1.7976931348623158e308', Number.MAX_VALUE],
    ['0X1P0', 1],
    ['0x_1p0', 1],
    ['0x.1p4', 1],
    ['0x1p-1074', Number.MIN_VALUE],
    ['0x1p-1075', 0],
    ['0x1.8p-1075', Number.MIN_VALUE],
    ['0x0p99999', 0],
    ['0x1.00000000000008p0', 1],
    ['0x1.00000000000018p0', 1 + 2 * Number.EPSILON],
    [`0x1${'0'.repeat(300)}p-1200`, 1],
  ])('%j is %d', (text, value) => {
    expect(parseGoFloat(text)).toBe(value);
  });

  it.each(['', '.', 'e5', '1e', ' 10', '10 ', '_1', '1_', '1__0', '1_e5', '0x10', '0xp1'])(
    '%j is none',
    (text) => {
      expect(parseGoFloat(text)).toBeUndefined();
    },
  );

  it.each(['1e1_', '1_.5', '0_x1p0', '0x1_p0', '0x1p_0', '0x1__0p0', '0x1.8', '0b1', '0o7'])(
    '%j is none',
    (text) => {
      expect(parseGoFloat(text)).toBeUndefined();
    },
  );

  it.each(['1e400', '-1e309', '0x1p99999', '0x1.fffffffffffff8p1023', '+nan', '1,5', '٣'])(
    '%j is none',
    (text) => {
      expect(parseGoFloat(text)).toBeUndefined();
    },
  );
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
    ['+5s', 5000],
    ['0.s', 0],
    ['3μs3us3ns', 0.006_003],
    ['1.9999999999999999999ns', 0.000_002],
    ['0.3333333333333333333h', 1_200_000],
    ['.854775807000000007m', 51_286.548_419],
    ['2562047h47m16.854775807s', 9_223_372_036_854.775],
    ['-9223372036854775808ns', -9_223_372_036_854.775],
    [`${'0'.repeat(300)}1s`, 1000],
    ['1s'.repeat(150), 150_000],
  ])('%j is %d ms', (text, ms) => {
    expect(parseGoDuration(text)).toBe(ms);
  });

  it.each(['', '60', 's', '1', '1d', '1 s', '1S', '--1s', '1s-', '.s', '2562048h', '1e3s'])(
    '%j is none',
    (text) => {
      expect(parseGoDuration(text)).toBeUndefined();
    },
  );

  it.each(['-', '+', '00', '0.0', '1s ', '1h 1m', '1_0s', '9223372036854775808ns', '1s\n'])(
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
