/** What the collector knows and adds up, without its connections. */
export * from './activator-loads.ts';
export * from './prometheus-page.ts';
export * from './sample-size.ts';
export * from './scrape-sum.ts';
export * from './scrape-targets.ts';
export * from './source-reading.ts';
