/** The console's settings. */
import { defineConfig, integer, leaselessSettings, text } from '@flyball/service';

const hostName = '[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?';

export const consoleConfig = defineConfig({
  ...leaselessSettings,
  consoleHost: text({
    about: 'Address on which the page and its answers are served.',
    fallback: '127.0.0.1',
    pattern: /^\S+$/,
    allowed: 'an IP address or host name',
  }),
  consolePort: integer({
    about: 'Port of the same; 0 takes a free one.',
    fallback: 8090,
    min: 0,
    max: 65_535,
  }),
  consoleHosts: text({
    about: 'Names besides localhost and IP addresses under which browsers may open it.',
    fallback: '',
    pattern: new RegExp(`^(${hostName}(,${hostName})*)?$`),
    allowed: 'DNS names in lower case with commas between, or nothing',
  }),
  consoleStreamsMax: integer({
    about: 'Concurrent streams of changes to browsers; more are answered 503.',
    fallback: 64,
    min: 1,
    max: 10_000,
  }),
  consoleTracesMax: integer({
    about:
      'Traces kept in memory; the oldest goes first, cold starts only beyond half of the room.',
    fallback: 1_000,
    min: 1,
    max: 10_000,
  }),
});
