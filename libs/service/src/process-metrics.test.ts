/** A process that is idle is not woken to be measured. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { collectProcessMetrics } from './process-metrics.ts';

it('tells how busy the loop was since it was last asked, and measures by no timer', async () => {
  const register = new Registry();
  collectProcessMetrics(register);
  const ratio = async (): Promise<number> => {
    const [told] =
      (await register.getSingleMetric('flyball_event_loop_busy_ratio')?.get())?.values ?? [];
    return told?.value ?? Number.NaN;
  };
  await ratio();
  const untilMs = performance.now() + 50;
  while (performance.now() < untilMs);
  await sleep(0);
  const busy = await ratio();
  expect(busy).toBeGreaterThan(0);
  expect(busy).toBeLessThanOrEqual(1);
  const text = await register.metrics();
  expect(text).toContain('process_cpu_seconds_total');
  expect(text).toContain('nodejs_eventloop_lag_seconds ');
  expect(text).not.toContain('nodejs_eventloop_lag_mean_seconds');
});
