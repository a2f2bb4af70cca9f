/** Moments as people give them. */
import { expect, it } from 'vitest';
import { parseMoment } from './moment.ts';

const now = new Date(2026, 0, 31, 10, 41, 30);
const nowMs = now.getTime();

it('reads how long ago', () => {
  expect(parseMoment('-5m', nowMs)).toBe(nowMs - 300_000);
  expect(parseMoment('90s', nowMs)).toBe(nowMs - 90_000);
  expect(parseMoment('-2d', nowMs)).toBe(nowMs - 172_800_000);
});

it('reads a time of day of today in the reader’s zone, or of yesterday when it is to come', () => {
  expect(parseMoment('10:41', nowMs)).toBe(new Date(2026, 0, 31, 10, 41).getTime());
  expect(parseMoment('9:05:07', nowMs)).toBe(new Date(2026, 0, 31, 9, 5, 7).getTime());
  expect(parseMoment('10:42', nowMs)).toBe(new Date(2026, 0, 30, 10, 42).getTime());
});

it('reads ISO times', () => {
  expect(parseMoment('2026-01-31T10:41:30.250Z', nowMs)).toBe(1_769_856_090_250);
  expect(parseMoment('2026-01-31', nowMs)).toBe(1_769_817_600_000);
});

it.each(['', 'yesterday', '25:00', '10:60', '5', '-5y', '2026-13-01', '2026-01-31T99'])(
  'refuses %j',
  (text) => expect(parseMoment(text, nowMs)).toBeUndefined(),
);
