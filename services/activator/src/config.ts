/** The activator's settings. */
import {
  defineConfig,
  flag,
  integer,
  leaselessSettings,
  share,
  telemetrySettings,
  text,
} from '@flyball/service';

export const activatorConfig = defineConfig({
  ...leaselessSettings,
  ...telemetrySettings,
  gatewayHost: text({
    about: 'Address on which requests are taken.',
    fallback: '127.0.0.1',
    pattern: /^\S+$/,
    allowed: 'an IP address or host name',
  }),
  gatewayPort: integer({
    about: 'Port on which requests are taken; 0 takes a free one.',
    fallback: 8080,
    min: 0,
    max: 65_535,
  }),
  domain: text({
    about: 'Hosts of workloads are <name>.<namespace>.<domain>.',
    fallback: 'example.com',
    pattern: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
    allowed: 'a DNS name in lower case',
  }),
  trustForwarded: flag({
    about: 'X-Forwarded-Proto and -Host are passed on as they are: true only behind an ingress.',
    fallback: false,
  }),
  heldRequestsMax: integer({
    about: 'Requests held at once over all workloads; more are answered 503.',
    fallback: 50_000,
    min: 1,
    max: 1_000_000,
  }),
  heldPerWorkloadMax: integer({
    about: 'Requests held at once for one workload; more are answered 503.',
    fallback: 10_000,
    min: 1,
    max: 1_000_000,
  }),
  heldBytesMax: integer({
    about: 'Bytes of headers and buffers that held requests may cost together.',
    fallback: 536_870_912,
    min: 65_536,
    max: 68_719_476_736,
  }),
  holdMsMax: integer({
    about: 'Longest time a request is held, or its timeout if shorter; then it is answered 504.',
    fallback: 300_000,
    min: 100,
    max: 3_600_000,
  }),
  bodyBytesMax: integer({
    about: 'Bytes of a request body; more is answered 413.',
    fallback: 536_870_912,
    min: 1,
    max: 68_719_476_736,
  }),
  headersMsMax: integer({
    about: 'Time a client may take to send its headers; longer is answered 408.',
    fallback: 30_000,
    min: 100,
    max: 600_000,
  }),
  bodyIdleMsMax: integer({
    about: 'Time a client may pause inside its body; longer is answered 408.',
    fallback: 60_000,
    min: 100,
    max: 3_600_000,
  }),
  drainDelayMs: integer({
    about: 'After SIGTERM: time in which requests are still accepted while /readyz already fails.',
    fallback: 250,
    min: 0,
    max: 600_000,
  }),
  drainMs: integer({
    about: 'After that: time in which requests in flight may finish and held ones may find a pod.',
    fallback: 5_000,
    min: 0,
    max: 600_000,
  }),
  tracesRatio: share({
    about: 'Share of ordinary requests that are traced if the client does not ask for it.',
    fallback: 0.01,
  }),
});
