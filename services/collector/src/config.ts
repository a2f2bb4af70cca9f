/** The collector's settings. */
import { commonSettings, defineConfig, integer } from '@flyball/service';

export const collectorConfig = defineConfig({
  ...commonSettings,
  scrapeTimeoutMs: integer({
    about: 'Time a pod may take to tell its counts; longer makes its workload blind.',
    fallback: 800,
    min: 10,
    max: 1_000,
  }),
  scrapesAtOnceMax: integer({
    about: 'Pods that are asked at the same time.',
    fallback: 64,
    min: 1,
    max: 1_024,
  }),
});
