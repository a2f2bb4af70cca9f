/** Which time ticks fall by: a clock that is ahead is told from one that is right by the log. */
import { beforeEach, expect, it } from 'vitest';
import { aheadMaxMs, createLogTime, heardForMs, type LogTime } from './log-time.ts';

const startMs = 1_767_225_600_000;
const jumpMs = 30_000;

/** The real time; the server has it, and this machine's clock when it is not off. */
let realMs: number;
let offMs: number;
let told: number[];
let logTime: LogTime;

const hear = () => logTime.heard(realMs);

beforeEach(() => {
  [realMs, offMs, told] = [startMs, 0, []];
  logTime = createLogTime({
    clock: {
      nowMs: () => realMs + offMs,
      monotonicMs: () => realMs - startMs + 0.25,
      after: () => () => undefined,
    },
    onAhead: (aheadMs) => told.push(aheadMs),
  });
});

it('is this clock’s before anything was heard', () => {
  offMs = jumpMs;
  expect([logTime.nowMs(), logTime.isKnown]).toEqual([startMs + jumpMs, false]);
});

it('is the log’s while this clock is ahead, said once, and this clock’s when it is right', () => {
  hear();
  offMs = jumpMs;
  realMs += 5_000;
  expect(Math.abs(logTime.nowMs() - realMs)).toBeLessThanOrEqual(1);
  expect(Number.isInteger(logTime.nowMs())).toBe(true);
  offMs = 0;
  expect(logTime.nowMs()).toBe(realMs);
  expect(told.map((aheadMs) => Math.round(aheadMs / 1_000))).toEqual([jumpMs / 1_000, 0]);
});

it('is this clock’s where it is ahead by no more than a tick, or behind', () => {
  hear();
  for (const by of [aheadMaxMs - 1, -jumpMs]) {
    offMs = by;
    expect(logTime.nowMs()).toBe(realMs + by);
  }
  expect(told).toEqual([]);
});

it('does not go back for messages that come late', () => {
  hear();
  realMs += 8_000;
  logTime.heard(realMs - 8_000);
  expect(logTime.nowMs()).toBe(realMs);
  expect(told).toEqual([]);
});

it('goes on while nothing is heard, however long', () => {
  hear();
  realMs += 10 * heardForMs;
  logTime.heard(realMs - 1_000);
  offMs = jumpMs;
  expect(Math.abs(logTime.nowMs() - realMs)).toBeLessThanOrEqual(1);
});

it('forgets after two minutes what a server said whose clock was ahead', () => {
  logTime.heard(realMs + jumpMs);
  offMs = jumpMs;
  expect(logTime.nowMs()).toBe(realMs + jumpMs);
  for (let heard = 0; heard < 3; heard += 1) {
    realMs += heardForMs;
    hear();
  }
  expect(Math.abs(logTime.nowMs() - realMs)).toBeLessThanOrEqual(1);
});
