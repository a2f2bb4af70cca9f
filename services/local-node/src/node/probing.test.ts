/** Stories of probing: eager at first, seldom later, unready only after several failures. */
import { describe, expect, it } from 'vitest';
import { createSteppedClock } from '../testing/stepped-clock.ts';
import { defaultProbeLimits as limits, startProbing } from './probing.ts';

const setUp = (starting = { value: 0 }) => {
  const clock = createSteppedClock();
  const askedAtMs: number[] = [];
  const told: string[] = [];
  const pod = { answers: false };
  const end = startProbing({
    clock,
    limits,
    starting,
    ask: async () => {
      askedAtMs.push(clock.nowMs());
      return pod.answers ? undefined : 'it sleeps';
    },
    onReady: () => told.push('ready'),
    onFailed: (why) => told.push(`failed: ${why}`),
    onSlow: (why) => told.push(`slow: ${why}`),
  });
  return { clock, askedAtMs, told, pod, end, starting };
};

describe('probing', () => {
  it('asks after 1, 2, 4 … 20 ms while a pod starts', async () => {
    const { clock, askedAtMs } = setUp();
    await clock.advance(71);
    expect(askedAtMs).toEqual([0, 1, 3, 7, 15, 31, 51, 71]);
  });

  it('asks less often the more pods start at once', async () => {
    const { clock, askedAtMs } = setUp({ value: 100 });
    await clock.advance(100);
    expect(askedAtMs).toEqual([0, 50, 100]);
  });

  it('tells readiness once, then asks seldom', async () => {
    const { clock, askedAtMs, told, pod, starting } = setUp();
    await clock.advance(10);
    expect(starting.value).toBe(1);
    pod.answers = true;
    await clock.advance(10);
    expect([told, starting.value]).toEqual([['ready'], 0]);
    const before = askedAtMs.length;
    await clock.advance(limits.readyMs * 3);
    expect(askedAtMs.length - before).toBe(3);
    expect(told).toEqual(['ready']);
  });

  it('makes a pod unready after three failures in a row, not after two', async () => {
    const { clock, told, pod } = setUp();
    pod.answers = true;
    await clock.advance(1);
    pod.answers = false;
    await clock.advance(limits.readyMs + limits.retryMs);
    pod.answers = true;
    await clock.advance(limits.retryMs);
    expect(told).toEqual(['ready']);
    pod.answers = false;
    await clock.advance(limits.readyMs + 2 * limits.retryMs);
    expect(told).toEqual(['ready', 'failed: it sleeps']);
    pod.answers = true;
    await clock.advance(limits.slowMs);
    expect(told).toEqual(['ready', 'failed: it sleeps', 'ready']);
  });

  it('says once that a pod takes long, and goes on', async () => {
    const { clock, told, pod, starting } = setUp();
    await clock.advance(limits.slowAfterMs * 2);
    expect([told, starting.value]).toEqual([['slow: it sleeps'], 0]);
    pod.answers = true;
    await clock.advance(limits.slowMs);
    expect(told).toEqual(['slow: it sleeps', 'ready']);
  });

  it('ends when told', async () => {
    const { clock, askedAtMs, end, starting } = setUp();
    end();
    await clock.advance(1_000);
    expect([askedAtMs.length, starting.value]).toEqual([1, 0]);
  });
});
