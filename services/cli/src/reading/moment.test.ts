/** Moments as people give them. */
import { afterEach, expect, it, vi } from 'vitest';
import { parseMoment } from './moment.ts';

const now = new Date(2026, 0, 31, 10, 41, 30);
const nowMs = now.getTime();

afterEach(() => {
  vi.unstubAllEnvs();
});

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
});

it('reads a date in the reader’s zone, with a time of day or without', () => {
  vi.stubEnv('TZ', 'America/New_York');
  expect(parseMoment('2026-01-31', nowMs)).toBe(Date.UTC(2026, 0, 31, 5));
  expect(parseMoment('2026-01-31 10:41', nowMs)).toBe(Date.UTC(2026, 0, 31, 15, 41));
});

it('reads a time of yesterday on the day after the clocks were set', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  // 10:00 in summer; the night before, at 2:00, it became 3:00.
  const mondayMs = Date.UTC(2026, 2, 29, 8);
  expect(parseMoment('23:00', mondayMs)).toBe(Date.UTC(2026, 2, 28, 22));
});

it.each([
  ...['', 'yesterday', '25:00', '10:60', '5', '-5y', '2026-13-01', '2026-01-31T99'],
  ...['2026-02-30', '2026-02-30 10:00', '2026-02-30T10:00Z', '2026-00-10', '2026-04-00'],
])('refuses %j', (text) => expect(parseMoment(text, nowMs)).toBeUndefined());
