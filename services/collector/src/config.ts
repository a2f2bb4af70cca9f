/** The collector's settings. */
import { commonSettings, defineConfig, integer, text } from '@flyball/service';

export const collectorConfig = defineConfig({
  ...commonSettings,
  scrapeTimeoutMs: integer({
    about: 'Time until a pod or page must have told its counts, its waiting for a turn included.',
    fallback: 800,
    min: 10,
    // A round that is not over within its second takes the next one from every workload.
    max: 900,
  }),
  scrapesAtOnceMax: integer({
    about: 'Pods that are asked at the same time, and as many pages; as many more of silent ones.',
    fallback: 64,
    min: 1,
    max: 1_024,
  }),
  pageBytesMax: integer({
    about: 'The longest page of metrics that is read, in bytes; a longer one tells nothing.',
    fallback: 16_777_216,
    min: 65_536,
    max: 268_435_456,
  }),
  metricsHosts: text({
    about: 'Hosts whose pages annotations may name, or ends of them as .example; empty: any.',
    fallback: '',
    pattern: /^([a-zA-Z0-9.:[\]_-]+(\s*,\s*[a-zA-Z0-9.:[\]_-]+)*)?$/,
    allowed: 'host names with commas between, or none',
  }),
});
