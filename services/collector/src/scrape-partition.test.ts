/** What a round tells, and by which id: a second that is told again is another message. */
import { decodeSamples } from '@flyball/contracts';
import { openMemoryEventLog } from '@flyball/event-log';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scrapePartition } from './scrape-partition.ts';
import type { Scrapers } from './scrape-workload.ts';
import { silentScrapers } from './testing/silent-scrapers.ts';

const secondAtMs = 1_767_225_600_000;
// Nobody listens there: the pod is asked, and not heard.
const silentPod = { address: null, metricsAddress: '127.0.0.1:1', ready: true };

let scrapers: Scrapers;
beforeEach(() => {
  scrapers = silentScrapers();
});
afterEach(() => scrapers.queueProxies.close());

it('a second that is told again after a clock was set back is not taken for the same', async () => {
  const { samples } = openMemoryEventLog();
  const targets = { workloads: { 'default/web': { pods: { 'web-1': silentPod } } } };
  for (const roundId of ['1-a-1', '1-a-2', '2-b-1']) {
    const batch = await scrapePartition(targets, {
      ...{ partition: 0, secondAtMs, roundId, scrapers },
      nowMs: () => secondAtMs + 1_025,
      activators: new Map(),
    });
    if (batch === undefined) throw new Error('a ready pod was not asked');
    await samples.append(batch);
  }
  expect((await samples.state()).messages).toBe(3);
  const last = await samples.at(3);
  const decoded = decodeSamples(last?.body ?? '', last?.subject ?? '', 3);
  expect(decoded).toMatchObject({
    ok: true,
    event: { data: { source: 'scrape-0', secondAtMs, rows: { concurrencyMilli: [null] } } },
  });
});
