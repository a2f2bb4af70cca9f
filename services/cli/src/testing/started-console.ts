/** A console over a log in memory, on a free port, with the spans that it is told. */
import { startConsole } from '@flyball/console';
import {
  commonSettings,
  defineConfig,
  defineService,
  readConfig,
  startService,
} from '@flyball/service';
import { type FinishedSpan, startTelemetry } from '@flyball/telemetry';
import type { tellColdStart } from './traced-story.ts';

export interface StartedConsole extends AsyncDisposable {
  readonly url: string;
  readonly healthUrl: string;
  /** Sends spans as the decider would; resolves when they have been taken. */
  tell(spans: readonly FinishedSpan[]): Promise<void>;
}

const page = { 'index.html': '', 'page.js': '', 'page.css': '', 'icon.svg': '' };

/** Its log has the story of a cold start; its store has nothing yet. */
export const startConsoleOf = async (
  story: Awaited<ReturnType<typeof tellColdStart>>,
): Promise<StartedConsole> => {
  const configSchema = defineConfig(commonSettings);
  const read = readConfig(configSchema, { FLYBALL_LOG_LEVEL: 'silent' });
  if (!read.ok) throw new Error('The settings of this test are wrong.');
  const service = defineService({
    ...{ name: 'console', configSchema },
    start: async (_config, life) => {
      const { log } = story;
      const where = { consoleHost: '127.0.0.1', consolePort: 0, consoleHosts: '' };
      const limits = { consoleStreamsMax: 8, consoleTracesMax: 100 };
      await startConsole({ log, life, page, ...where, ...limits });
    },
  });
  const running = await startService(service, read.config, { onCrash: () => undefined });
  const url = String(running.announced.consoleUrl);
  return {
    url,
    healthUrl: running.healthUrl,
    tell: async (spans) => {
      const telemetry = await startTelemetry({
        ...{ service: 'decider', instance: 'd1', tracesUrl: url, env: {} },
      });
      for (const span of spans) telemetry.tell(span);
      await telemetry.close();
    },
    [Symbol.asyncDispose]: () => running.drain(),
  };
};
