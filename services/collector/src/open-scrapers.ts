/** What asks for loads in this process, counted, with its word in the log. */
import type { Life } from '@flyball/service';
import { createBlindLog } from './blind-log.ts';
import type { CollectorMetrics } from './metrics.ts';
import { createPageReader } from './page-reader.ts';
import { createSourceScraper } from './scrape-source.ts';
import type { Scrapers } from './scrape-workload.ts';
import { createScraper } from './scraper.ts';
import { createUrlPages } from './url-pages.ts';

export interface ScraperSettings {
  readonly scrapeTimeoutMs: number;
  readonly scrapesAtOnceMax: number;
  readonly pageBytesMax: number;
  /** With commas between; empty: any. */
  readonly metricsHosts: string;
}

const hostsOf = (text: string): readonly string[] =>
  text.split(',').flatMap((one) => one.trim().toLowerCase() || []);

/** They are closed with the life. */
export const openScrapers = (
  config: ScraperSettings,
  life: Life,
  metrics: CollectorMetrics,
): Scrapers => {
  const { scrapesAtOnceMax: atOnceMax, scrapeTimeoutMs: withinMs, pageBytesMax } = config;
  const queueProxies = createScraper({ atOnceMax, clock: life.clock });
  // Apart, so that pages that do not come keep no queue-proxy waiting.
  const pages = createPageReader({ atOnceMax, bytesMax: pageBytesMax, clock: life.clock });
  life.onClose('scraper', queueProxies.close);
  life.onClose('pages', pages.close);
  metrics.queues.watch({ queue: 'scrapes', limit: atOnceMax, depth: queueProxies.depth });
  metrics.queues.watch({ queue: 'pages', limit: atOnceMax, depth: pages.depth });
  const nowMs = (): number => life.clock.nowMs();
  const monotonicMs = (): number => life.clock.monotonicMs();
  const logBlind = createBlindLog(life.logger);
  const hosts = hostsOf(config.metricsHosts);
  const urls = createUrlPages({ reader: pages, withinMs, hosts, monotonicMs });
  return {
    queueProxies,
    sources: createSourceScraper({ urls, pods: pages, withinMs, nowMs, monotonicMs }),
    withinMs,
    monotonicMs,
    onScraped: (answered) => metrics.scrapes.inc({ result: answered ? 'answered' : 'silent' }),
    onSource: (workload, blind) => {
      metrics.sources.inc({ result: blind === undefined ? 'told' : 'blind' });
      logBlind(workload, blind);
    },
  };
};
