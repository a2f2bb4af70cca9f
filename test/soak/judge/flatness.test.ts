import { describe, expect, test } from 'vitest';
import { flatnessOf, type Reading } from './flatness.ts';

const totalMs = 400;
const at = (atMs: number, residentMib: number, fileHandles = 10, pid = 1): Reading => ({
  ...{ name: 'decider', pid, atMs, residentMib, fileHandles },
});
const verdictsOf = (readings: readonly Reading[]) =>
  Object.fromEntries(flatnessOf(readings, totalMs).map((one) => [one.measure, one.isFlat]));

describe('a process is flat', () => {
  test('when its last quarter has little more than its second, whatever the first had', () => {
    const readings = [at(10, 900), at(110, 100), at(150, 102), at(310, 120), at(390, 136)];
    expect(verdictsOf(readings)).toEqual({ residentMib: true, fileHandles: true });
  });

  test('not when the median of its memory has grown beyond the bound', () => {
    const readings = [at(110, 100), at(310, 137), at(390, 137)];
    expect(verdictsOf(readings)).toEqual({ residentMib: false, fileHandles: true });
  });

  test('not when its handles have', () => {
    const readings = [at(110, 100), at(310, 100, 21), at(390, 100, 21)];
    expect(verdictsOf(readings)).toEqual({ residentMib: true, fileHandles: false });
  });

  test('one outlier moves no median', () => {
    const readings = [at(110, 100), at(310, 100), at(350, 100), at(390, 900)];
    expect(verdictsOf(readings)).toMatchObject({ residentMib: true });
  });
});

test('nothing is known of a process that was started anew, or that was not read', () => {
  const unknown = { residentMib: undefined, fileHandles: undefined };
  expect(verdictsOf([at(110, 100), at(310, 100, 10, 2)])).toEqual(unknown);
  expect(verdictsOf([at(110, 100)])).toEqual(unknown);
});
