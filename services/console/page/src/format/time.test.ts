/** Times as text. The zone is the reader's: what is expected is made from local times. */
import { expect, test } from 'vitest';
import {
  ago,
  axisTime,
  clockTime,
  dateAndTime,
  datedClockTime,
  timeOfDay,
  timesBetween,
} from './time.ts';

const atMs = new Date(2026, 0, 31, 9, 5, 7, 40).getTime();

test('times of day are as exact as asked for', () => {
  expect(clockTime(atMs)).toBe('09:05:07');
  expect(timeOfDay(atMs)).toBe('09:05:07.040');
  expect(timeOfDay(atMs + 0.9)).toBe('09:05:07.040');
});

test('another day is told', () => {
  expect(dateAndTime(atMs, atMs + 1)).toBe('09:05:07.040');
  expect(dateAndTime(atMs, atMs + 86_400_000)).toBe('2026-01-31 09:05:07.040');
  expect(datedClockTime(atMs, atMs + 1)).toBe('09:05:07');
  expect(datedClockTime(atMs, atMs + 86_400_000)).toBe('2026-01-31 09:05:07');
});

test('a stretch of time says each day once', () => {
  const dayMs = 86_400_000;
  const [today, later] = ['09:05:07', '09:06:07'];
  const of = (fromMs: number, toMs: number) => timesBetween(fromMs, toMs, atMs);
  expect(of(atMs, atMs + 60_000)).toBe(`${today}–${later}`);
  const before = atMs - dayMs;
  expect(of(before, before + 60_000)).toBe(`2026-01-30 ${today}–${later}`);
  expect(of(before, atMs)).toBe(`2026-01-30 ${today}–2026-01-31 ${today}`);
});

test.each([
  [-5_000, 'now'],
  [1_999, 'now'],
  [59_999, '59 s ago'],
  [90_000, '1 min ago'],
  [7_200_000, '2 h ago'],
  [200_000_000, '2 d ago'],
])('%d ms later it was %s', (laterMs, expected) => {
  expect(ago(atMs, atMs + laterMs)).toBe(expected);
});

test('an axis says what its marks differ in', () => {
  expect(axisTime(atMs, 5_000)).toBe('09:05:07');
  expect(axisTime(atMs, 300_000)).toBe('09:05');
  expect(axisTime(new Date(2026, 0, 31).getTime(), 3_600_000)).toBe('01-31');
});
