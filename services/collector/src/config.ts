/** The collector's settings. */
import { commonSettings, defineConfig, integer, text } from '@flyball/service';

export const collectorConfig = defineConfig({
  ...commonSettings,
  scrapeTimeoutMs: integer({
    about: 'Time limit of a scrape, including its wait for a slot.',
    fallback: 800,
    min: 10,
    // A round that is not over within its second takes the next one from every workload.
    max: 900,
  }),
  scrapesAtOnceMax: integer({
    about: 'Pods scraped at the same time, and as many pages; as many more of silent ones.',
    fallback: 64,
    min: 1,
    max: 1_024,
  }),
  pageBytesMax: integer({
    about: 'Largest metrics page that is read, in bytes; a larger one counts as no answer.',
    fallback: 16_777_216,
    min: 65_536,
    max: 268_435_456,
  }),
  metricsHosts: text({
    about: 'Hosts whose pages annotations may name, or suffixes such as .example; empty: any.',
    fallback: '',
    pattern: /^([a-zA-Z0-9.:[\]_-]+(\s*,\s*[a-zA-Z0-9.:[\]_-]+)*)?$/,
    allowed: 'host names with commas between, or none',
  }),
});
