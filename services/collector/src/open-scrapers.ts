/** What asks for loads in this process, with its counters and its word in the log. */
import type { Life } from '@flyball/service';
import { Counter } from 'prom-client';
import { createBlindLog } from './blind-log.ts';
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
export const openScrapers = (config: ScraperSettings, life: Life): Scrapers => {
  const { scrapesAtOnceMax: atOnceMax, scrapeTimeoutMs: withinMs, pageBytesMax } = config;
  const queueProxies = createScraper({ atOnceMax });
  // Apart, so that pages that do not come keep no queue-proxy waiting.
  const pages = createPageReader({ atOnceMax, bytesMax: pageBytesMax });
  life.onClose('scraper', queueProxies.close);
  life.onClose('pages', pages.close);
  const scrapes = new Counter({
    name: 'flyball_collector_scrapes_total',
    help: 'Pods asked for their counts, by whether they answered in time.',
    labelNames: ['result'] as const,
    registers: [life.metrics],
  });
  const sources = new Counter({
    name: 'flyball_collector_sources_total',
    help: 'Workloads whose own pages were read, by whether these told their load.',
    labelNames: ['result'] as const,
    registers: [life.metrics],
  });
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
    onScraped: (answered) => scrapes.inc({ result: answered ? 'answered' : 'silent' }),
    onSource: (workload, blind) => {
      sources.inc({ result: blind === undefined ? 'told' : 'blind' });
      logBlind(workload, blind);
    },
  };
};
