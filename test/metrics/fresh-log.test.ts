/** On a log that nothing was ever written to, every partition soon counts as live. */
import { startDecider } from '@flyball/decider';
import { startMemoryServer } from '@flyball/event-log';
import { beginLife, type Life, systemClock } from '@flyball/service';
import { createMemoryWindows } from '@flyball/window-store';
import { startWindower } from '@flyball/windower';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { readMetricsPage } from './metrics-page.ts';

const partitionCount = 3;

const begin = (service: string): Life => {
  const living = beginLife({
    service,
    instance: service,
    logger: pino({ level: 'silent' }),
    clock: systemClock,
    random: Math.random,
    onCrash: (error) => expect.fail(String(error)),
  });
  onTestFinished(() => living.drain());
  return living.life;
};

test('without any workload a windower and a decider tell of ticks of each partition', async () => {
  const server = startMemoryServer({ partitionCount, nowMs: () => Date.now() });
  const [windower, decider] = [begin('windower'), begin('decider')];
  const store = createMemoryWindows().open();
  const windowing = { log: server.connect(), life: windower, store, mirrorCheckEveryMs: 60_000 };
  await startWindower(windowing);
  await startDecider({ log: server.connect(), life: decider });
  for (const { service, metrics } of [
    { service: 'windower', metrics: windower.metrics },
    { service: 'decider', metrics: decider.metrics },
  ]) {
    const live = async (): Promise<number> => {
      const page = readMetricsPage(await metrics.metrics());
      return page.of(`flyball_${service}_tick_age_seconds`).length;
    };
    await expect.poll(live).toBe(partitionCount);
  }
});
