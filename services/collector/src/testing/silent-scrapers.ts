/** Scrapers for tests in which nobody answers. */
import { systemClock } from '@flyball/service';
import type { Scrapers } from '../scrape-workload.ts';
import { createScraper } from '../scraper.ts';

export const silentScrapers = (): Scrapers => ({
  queueProxies: createScraper({ atOnceMax: 2, clock: systemClock }),
  sources: { scrape: async () => undefined },
  withinMs: 1_000,
  monotonicMs: () => performance.now(),
  onScraped: () => undefined,
  onSource: () => undefined,
});
