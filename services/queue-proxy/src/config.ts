/** The queue-proxy's settings. */
import { choice, defineConfig, integer, text } from '@flyball/service/settings';

const port = /(\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])/;
const hostPort = {
  pattern: new RegExp(`^\\S+:${port.source}$`),
  allowed: 'host:port, the port up to 65535',
};

export const queueProxyConfig = defineConfig({
  queueListen: text({
    about: 'Where requests are taken.',
    fallback: '127.0.0.1:8012',
    ...hostPort,
  }),
  queueTarget: text({
    about: "Where the pod's own server listens.",
    fallback: '127.0.0.1:8080',
    ...hostPort,
  }),
  queueProtocol: choice({
    about: "Protocol to the pod's own server, gRPC aside: h2c is HTTP/2 by prior knowledge.",
    fallback: 'http1',
    values: ['http1', 'h2c'],
  }),
  containerConcurrency: integer({
    about: 'Requests the pod may have at once; more wait here. 0: no limit.',
    fallback: 0,
    min: 0,
    max: 1_000,
  }),
  queuedRequestsMax: integer({
    about: 'Requests that may wait here; more are answered 503.',
    fallback: 1_000,
    min: 1,
    max: 100_000,
  }),
  requestTimeoutMs: integer({
    about: 'Longest time a request may wait here, and then until its answer begins; then 504.',
    fallback: 300_000,
    min: 100,
    max: 3_600_000,
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
  readinessProbe: text({
    about:
      "The pod's readiness probe as Kubernetes writes it, in JSON; empty: it takes connections.",
    fallback: '',
    pattern: /^(|\{.*\})$/s,
    allowed: 'JSON with httpGet or tcpSocket, or none',
  }),
  keepAcceptingMs: integer({
    about: 'After SIGTERM: time in which requests are still accepted, as some are still sent here.',
    fallback: 0,
    min: 0,
    max: 600_000,
  }),
  drainMs: integer({
    about: 'After that: time in which requests in flight may finish.',
    fallback: 10_000,
    min: 0,
    max: 600_000,
  }),
  healthHost: text({
    about: 'Address on which /healthz, /readyz and /metrics listen.',
    fallback: '127.0.0.1',
    pattern: /^\S+$/,
    allowed: 'an IP address or host name',
  }),
  healthPort: integer({
    about: 'Port of the same; 0 takes a free one.',
    fallback: 0,
    min: 0,
    max: 65_535,
  }),
  logLevel: choice({
    about: 'Lowest level that is logged.',
    fallback: 'info',
    values: ['debug', 'info', 'warn', 'error', 'silent'],
  }),
});
