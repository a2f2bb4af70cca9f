/** The console: configuration → connections → a page, its answers, and a sink for traces. */
import { connectBus, defineService } from '@flyball/service';
import { consoleConfig } from './config.ts';
import { readPageFiles } from './page-files.ts';
import { startConsole } from './start-console.ts';

export { type ConsoleParts, startConsole } from './start-console.ts';

export const consoleService = defineService({
  name: 'console',
  configSchema: consoleConfig,
  async start(config, life) {
    const page = await readPageFiles();
    const log = await connectBus(config, life);
    await startConsole({ ...config, log, life, page });
  },
});
