/** What the activator knows and counts, without its sockets. */
export * from './burst.ts';
export * from './cold-start-phases.ts';
export * from './host.ts';
export * from './host-index.ts';
export * from './ledger.ts';
export * from './routes.ts';
export * from './shares.ts';
