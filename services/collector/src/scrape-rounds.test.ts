/** Rounds over several tenures of one process: none of them is taken for another. */
import { openMemoryEventLog } from '@flyball/event-log';
import type { Clock } from '@flyball/service';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createCollectorMetrics } from './metrics.ts';
import { createScrapeRounds } from './scrape-rounds.ts';
import { silentScrapers } from './testing/silent-scrapers.ts';

const nowMs = 1_767_225_600_500;
// Nobody listens there: the pod is asked, and not heard.
const silentPod = { address: null, metricsAddress: '127.0.0.1:1', ready: true };
const targets = { workloads: { 'default/web': { pods: { 'web-1': silentPod } } } };
const known = { targets: () => targets, activators: new Map() };

it('a second that is told again in a later tenure is not taken for the same', async () => {
  const log = openMemoryEventLog();
  let due = 0;
  // A clock that was set back to the same second in each tenure; one round falls due there.
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (_delayMs, action) => {
      due -= 1;
      if (due >= 0) setImmediate(action);
      return () => undefined;
    },
  };
  const life = { clock, incarnation: '1-a', logger: { warn: () => undefined } };
  const scrapers = silentScrapers();
  const metrics = createCollectorMetrics(new Registry());
  const rounds = createScrapeRounds({ log, life, scrapers, metrics });
  for (const tenure of [1, 2]) {
    due = 1;
    const lost = new AbortController();
    const ownership = { isHeld: () => true, partitionCount: 1 };
    const over = rounds(0, known, { signal: lost.signal, ownership });
    await expect.poll(async () => (await log.samples.state()).messages).toBe(tenure);
    lost.abort();
    await over;
  }
  const [first, second] = [await log.samples.at(1), await log.samples.at(2)];
  expect(second?.id).not.toBe(first?.id);
  await scrapers.queueProxies.close();
});
