/** Keys are worked on once each, again after failures, and not while they are worked on. */
import { OutsideError } from '@flyball/contracts';
import { ClusterError } from '@flyball/platform/kubernetes';
import { expect, it } from 'vitest';
import { createWorkQueue } from './work-queue.ts';

/** Timers that ring when they are told to, in the order of their times. */
const handClock = () => {
  let nowMs = 0;
  let timers: { atMs: number; action: () => void }[] = [];
  return {
    after: (delayMs: number, action: () => void) => {
      const timer = { atMs: nowMs + delayMs, action };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    pausesMs: () => timers.map(({ atMs }) => atMs - nowMs),
    pass: async (durationMs: number) => {
      nowMs += durationMs;
      const ringing = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      for (const { action } of ringing) action();
      await settled();
    },
  };
};

const settled = () => new Promise((resolve) => setImmediate(resolve));

const queueOf = (work: (key: string) => Promise<void>) => {
  const clock = handClock();
  const ending = new AbortController();
  const troubles: [string, number | undefined][] = [];
  const queue = createWorkQueue({
    clock,
    signal: ending.signal,
    work,
    onTrouble: (key, _error, pauseMs) => troubles.push([key, pauseMs]),
  });
  return { queue, clock, ending, troubles };
};

const outside = (code: 'PLATFORM_CONFLICT' | 'PLATFORM_REFUSED') =>
  new OutsideError(code, 'no', { retriable: false });

it('does a key once, however often it was added meanwhile', async () => {
  const done: string[] = [];
  const { queue, clock } = queueOf(async (key) => void done.push(key));
  for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
  await settled();
  expect(done).toEqual(['a', 'b']);
  await clock.pass(100);
  expect(done).toEqual(['a', 'b', 'a']);
  await clock.pass(100);
  expect(done).toHaveLength(3);
});

it('tries again with pauses that grow to a limit, and at once after a change', async () => {
  let failing = true;
  let tries = 0;
  const { queue, clock, troubles } = queueOf(async () => {
    tries += 1;
    if (failing) throw outside('PLATFORM_CONFLICT');
  });
  queue.add('a');
  await settled();
  for (let again = 0; again < 11; again += 1) await clock.pass(30_000);
  expect(troubles.map(([, pauseMs]) => pauseMs)).toEqual([
    ...[100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600],
    ...[30_000, 30_000, 30_000],
  ]);
  failing = false;
  queue.add('a');
  await settled();
  expect(tries).toBe(13);
  expect(clock.pausesMs()).toEqual([100]);
});

it('waits for as long as the API server asks', async () => {
  const { queue, troubles } = queueOf(async () => {
    const options = { retriable: true, status: 429, retryAfterMs: 7_000 };
    throw new ClusterError('PLATFORM_UNREACHABLE', 'too many requests', options);
  });
  queue.add('a');
  await settled();
  expect(troubles).toEqual([['a', 7_000]]);
});

it('leaves what was refused until it changes', async () => {
  let tries = 0;
  const { queue, clock, troubles } = queueOf(async () => {
    tries += 1;
    throw outside('PLATFORM_REFUSED');
  });
  queue.add('a');
  await settled();
  await clock.pass(60_000);
  expect([tries, troubles]).toEqual([1, [['a', undefined]]]);
  queue.add('a');
  await settled();
  expect(tries).toBe(2);
});

it('works on a few at a time', async () => {
  let running = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const { queue } = queueOf(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running -= 1;
  });
  for (let number = 0; number < 20; number += 1) queue.add(`key-${number}`);
  while (ends.length > 0) {
    ends.shift()?.();
    await settled();
  }
  expect(most).toBe(8);
});

it('ends when what is worked on has ended, and begins nothing more', async () => {
  let begun = 0;
  let finish = (): void => undefined;
  const { queue, ending } = queueOf(async () => {
    begun += 1;
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  queue.add('a');
  ending.abort();
  queue.add('b');
  let isEnded = false;
  const ended = queue.ended.then(() => {
    isEnded = true;
  });
  await settled();
  expect(isEnded).toBe(false);
  finish();
  await ended;
  expect(begun).toBe(1);
});

it('ends with a bug', async () => {
  const { queue } = queueOf(async () => {
    throw new TypeError('broken');
  });
  queue.add('a');
  await expect(queue.ended).rejects.toThrow('broken');
});
