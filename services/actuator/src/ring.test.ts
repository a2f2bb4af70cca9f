/** Time passes for what waits, again and again, and for nothing else. */
import { setImmediate as settled } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createRing } from './ring.ts';

const open = () => {
  let nowMs = 0;
  let timer: { readonly atMs: number; readonly action: () => void } | undefined;
  const seen = { waiting: 0, timers: 0, rings: [] as number[], crashes: [] as unknown[] };
  const stop = new AbortController();
  const ring = createRing({
    clock: {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      after: (delayMs, action) => {
        seen.timers += 1;
        timer = { atMs: nowMs + delayMs, action };
        return () => {
          timer = undefined;
        };
      },
    },
    signal: stop.signal,
    isWaiting: () => seen.waiting > 0,
    onRing: () => {
      seen.rings.push(nowMs);
      // What it tells may call for time in turn.
      ring();
    },
    onCrash: (error) => seen.crashes.push(error),
  });
  const pass = async (durationMs: number): Promise<void> => {
    const untilMs = nowMs + durationMs;
    await settled();
    for (let due = timer; due !== undefined && due.atMs <= untilMs; due = timer) {
      nowMs = due.atMs;
      timer = undefined;
      due.action();
      await settled();
    }
    nowMs = untilMs;
  };
  return { seen, stop, ring, pass };
};

it('nothing waits: no timer', async () => {
  const { seen, ring, pass } = open();
  ring();
  await pass(1_000);
  expect([seen.rings, seen.timers]).toEqual([[], 0]);
});

it('rings until nothing waits any more, however often it is called', async () => {
  const { seen, ring, pass } = open();
  seen.waiting = 1;
  ring();
  ring();
  await pass(120);
  ring();
  await pass(40);
  expect(seen.rings).toEqual([50, 100, 150]);
  seen.waiting = 0;
  await pass(1_000);
  expect(seen.rings).toEqual([50, 100, 150]);
});

it('rings for what begins to wait when it had just ceased', async () => {
  const { seen, ring, pass } = open();
  seen.waiting = 1;
  ring();
  await pass(60);
  seen.waiting = 0;
  await pass(40);
  seen.waiting = 1;
  ring();
  await pass(50);
  expect(seen.rings).toEqual([50, 150]);
});

it('rings no more when the tenure is over', async () => {
  const { seen, stop, ring, pass } = open();
  seen.waiting = 1;
  ring();
  await pass(60);
  stop.abort();
  await pass(1_000);
  ring();
  await pass(1_000);
  expect(seen.rings).toEqual([50]);
});
