import { describe, expect, test } from 'vitest';
import { heldWorkload } from '../../faults/bed/scene.ts';
import { outcomeLine, unexcused } from './requests.ts';

const failure = (how: string, endedAtMs: number, workload = 'soak/bursts') => ({
  ...{ workload, how, sentAtMs: endedAtMs - 10, endedAtMs },
});
const deaths = [{ fromMs: 100, toMs: 200 }];

describe('a failed request', () => {
  test('is excused by the death of its gateway', () => {
    expect(unexcused([failure('ECONNRESET', 100), failure('EPIPE', 200)], deaths)).toEqual([]);
  });

  test('is not when the gateway lived', () => {
    const failures = [failure('ECONNRESET', 99), failure('ECONNRESET', 201)];
    expect(unexcused(failures, deaths)).toEqual(['2 × soak/bursts: ECONNRESET']);
  });

  test('is not when it was answered wrongly, whoever died', () => {
    expect(unexcused([failure('503', 150)], deaths)).toEqual(['1 × soak/bursts: 503']);
  });

  test('of the workload that never listens is an answer in time', () => {
    expect(unexcused([failure('504', 300, heldWorkload)], deaths)).toEqual([]);
    expect(unexcused([failure('504', 300)], deaths)).toEqual(['1 × soak/bursts: 504']);
  });
});

test('outcomes are told by how they ended', () => {
  const counts = new Map([
    ['ECONNRESET', 2],
    ['200', 31],
  ]);
  expect(outcomeLine(counts)).toBe('31 × 200, 2 × ECONNRESET');
});
