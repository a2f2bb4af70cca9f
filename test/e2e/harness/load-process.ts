/** A load as a process of its own: takes autocannon's options as JSON, SIGINT ends it in order. */
import { createRequire } from 'node:module';

interface Tracker extends Promise<unknown> {
  stop(): void;
}

const require = createRequire(import.meta.url);
const autocannon = require('autocannon') as (options: unknown) => Tracker;

const running = autocannon(JSON.parse(process.argv[2] ?? '{}'));
process.once('SIGINT', () => running.stop());
process.stdout.write(JSON.stringify(await running));
