/** The settings that several services share, spelled once. */
import { choice, flag, integer, names, text, url } from './setting.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const instance = text({
  about: 'Names this process in leases, sources and logs; must be unique among its kind.',
  fallback: '1',
  pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  allowed: 'a DNS label: up to 63 of a-z, 0-9 and -, not - first or last',
});

const soleInstance = flag({
  about: 'The earlier process of this name has certainly ended: what it owned is taken at once.',
  fallback: false,
});

const bus = {
  natsUrl: url({
    about: 'URL of NATS; the members of a cluster separated by commas.',
    fallback: 'nats://127.0.0.1:4222',
    protocols: ['nats', 'tls'],
    several: true,
  }),
  natsUser: text({
    about: 'User of this service on NATS; it may write its own pen only.',
    fallback: '',
  }),
  natsPassword: text({ about: 'Password of that user.', fallback: '', secret: true }),
};

const ownProcess = {
  logLevel: choice({ about: 'Lowest level that is logged.', fallback: 'info', values: logLevels }),
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
  drainLimitMs: integer({
    about: 'Longest time that the shutdown may take after SIGTERM.',
    fallback: 10_000,
    min: 100,
    max: 600_000,
  }),
};

/** Those that tell spans of what they do have these; OTEL_* counts beside them. */
export const telemetrySettings = {
  tracesUrl: url({
    about: 'Where spans are sent as OTLP over HTTP, besides what OTEL_* says; empty: nowhere.',
    fallback: '',
    protocols: ['http', 'https'],
    optional: true,
  }),
};

/** Every service has these. */
export const processSettings = { instance, ...ownProcess };

/** Every service that is on the bus has these. */
export const leaselessSettings = { instance, ...bus, ...ownProcess };

/** Those that own partitions by leases have these. */
export const commonSettings = { instance, soleInstance, ...bus, ...ownProcess };

export const redisUrl = url({
  about: 'URL of Redis, with its password.',
  fallback: 'redis://127.0.0.1:6379',
  protocols: ['redis', 'rediss'],
  secret: true,
});

export const platformUrl = url({
  about: 'URL of the platform: the local-node.',
  fallback: 'http://127.0.0.1:7070',
  protocols: ['http', 'https'],
});

export const platformToken = text({
  about: 'Bearer token for the platform.',
  fallback: '',
  secret: true,
});

export const domain = text({
  about: 'Hosts of workloads are <name>.<namespace>.<domain>.',
  fallback: 'example.com',
  pattern: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  allowed: 'a DNS name in lower case',
});

/** Whoever leads public Services to the activators has this. */
export const activatorService = text({
  about: 'The Service, as <namespace>/<name>, whose endpoints are the activators.',
  fallback: 'flyball-system/activator',
  pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  allowed: '<namespace>/<name>',
});

/** Everything that talks to a Kubernetes API server has these. */
export const clusterSettings = {
  kubeconfig: text({
    about: 'Path of a kubeconfig; empty: the pod’s service account, else KUBECONFIG’s or ~/.kube.',
    fallback: '',
  }),
  namespaces: names({
    about: 'Namespaces of a Kubernetes cluster that are watched; empty: all.',
    fallback: [],
  }),
};

/** Everything that watches or scales workloads has these. */
export const platformSettings = {
  platform: choice({
    about: 'What runs the pods: the local-node, or a Kubernetes cluster.',
    fallback: 'local',
    values: ['local', 'kubernetes'],
  }),
  platformUrl,
  platformToken,
  ...clusterSettings,
  optIn: choice({
    about: 'Which Deployments are scaled: those annotated to be (or in such a namespace), or all.',
    fallback: 'annotated',
    values: ['annotated', 'all'],
  }),
  configNamespaces: names({
    about: 'Where the ConfigMap config-autoscaler is looked for; the first that has it counts.',
    fallback: ['flyball-system', 'knative-serving'],
  }),
  domain,
};
