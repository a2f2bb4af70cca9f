/** What the collector knows and adds up, without its connections. */
export * from './prometheus-text.ts';
export * from './scrape-sum.ts';
export * from './scrape-targets.ts';
