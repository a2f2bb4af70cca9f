/** The settings of the windower. */
import {
  commonSettings,
  defineConfig,
  integer,
  redisUrl,
  telemetrySettings,
  workloadMetricsMax,
} from '@flyball/service';

export const windowerConfig = defineConfig({
  ...commonSettings,
  ...telemetrySettings,
  workloadMetricsMax,
  redisUrl,
  mirrorCheckEveryMs: integer({
    about: 'Time between two comparisons of the windows in memory with those in Redis.',
    fallback: 60_000,
    min: 1_000,
    max: 3_600_000,
  }),
});
