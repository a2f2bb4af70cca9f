/** Stories of restarts: waits that grow, a stable run that forgives, a stop that ends it all. */
import { describe, expect, it } from 'vitest';
import { createSteppedClock } from '../testing/stepped-clock.ts';
import type { StartedProcess } from './child-process.ts';
import { superviseProcess } from './supervised-process.ts';

const limits = { restartMinMs: 100, restartMaxMs: 400, stableRunMs: 5_000 };

const setUp = (heldBackMs = 0) => {
  const clock = createSteppedClock();
  const starts: number[] = [];
  const downs: number[] = [];
  const signals: string[] = [];
  let end = (_message: string): void => undefined;
  const start = (): StartedProcess => {
    starts.push(clock.nowMs());
    const ended = new Promise<string>((resolve) => {
      end = resolve;
    });
    const signal = (name: string): void => {
      signals.push(name);
      if (name === 'SIGKILL') end('killed');
    };
    return { pid: 1_000, ended, signal };
  };
  const supervised = superviseProcess({
    clock,
    limits,
    heldBackMs,
    start,
    onUp: () => undefined,
    onDown: (_message, restartInMs) => downs.push(restartInMs),
    beforeRestart: async () => undefined,
  });
  const crash = async (): Promise<void> => {
    end('exit code 1');
    await clock.advance(0);
  };
  return { clock, starts, downs, signals, supervised, crash };
};

describe('a supervised process', () => {
  it('starts again after waits that double up to a limit', async () => {
    const { clock, starts, downs, crash } = setUp();
    for (const waitMs of [100, 200, 400, 400]) {
      await crash();
      await clock.advance(waitMs);
    }
    expect(downs).toEqual([100, 200, 400, 400]);
    expect(starts).toEqual([0, 100, 300, 700, 1_100]);
  });

  it('begins with the first wait again after a stable run', async () => {
    const { clock, downs, crash } = setUp();
    await crash();
    await clock.advance(100);
    await crash();
    await clock.advance(200 + limits.stableRunMs);
    await crash();
    expect(downs).toEqual([100, 200, 100]);
  });

  it('does not start again once it was stopped', async () => {
    const { clock, starts, supervised, crash } = setUp();
    await crash();
    await supervised.stop(1_000);
    await clock.advance(60_000);
    expect(starts).toEqual([0]);
  });

  it('is killed when it does not end within the grace', async () => {
    const { clock, signals, supervised } = setUp();
    const stopped = supervised.stop(1_000);
    await clock.advance(999);
    expect(signals).toEqual(['SIGTERM']);
    await clock.advance(1);
    expect(signals).toEqual(['SIGTERM', 'SIGKILL']);
    await stopped;
  });

  it('is held back when asked, and never started when it is stopped before', async () => {
    const { clock, starts, supervised } = setUp(3_000);
    await clock.advance(2_999);
    expect(starts).toEqual([]);
    await supervised.stop(0);
    await clock.advance(10_000);
    expect(starts).toEqual([]);
  });
});
