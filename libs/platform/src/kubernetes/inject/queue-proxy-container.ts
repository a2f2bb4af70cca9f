/** The container of a queue-proxy, as it stands in a pod. */
import { queueProxyNames } from '../queue-proxy-names.ts';
import type { AppContainer } from './app-container.ts';
import type { Pod } from './pod.ts';

/** Where the queue-proxy listens, unless the pod has these ports already. */
const requestsPort = 8_012;
const metricsPort = 9_090;
/** So many ports from there are looked at. */
const portsTried = 10;

const secondMs = 1_000;
const usualGraceSeconds = 30;
/** What is left of a pod's grace for the app to end. */
const appEndsMs = 2_000;
const leastDrainMs = 1_000;

/** Our image's own user, said here since a pod may make all of its containers root. */
const nobody = 65_532;

export interface QueueProxySettings {
  readonly image: string;
  readonly cpu: string;
  /** Empty: as much as there is. */
  readonly cpuMax: string;
  readonly memory: string;
  readonly memoryMax: string;
  readonly keepAcceptingMs: number;
}

export interface PodLimits {
  readonly containerConcurrency: number;
  readonly timeoutMs: number;
}

export interface QueueProxyPorts {
  readonly requests: number;
  readonly metrics: number;
}

const freePort = (taken: ReadonlySet<number>, wanted: number): number => {
  for (let port = wanted; port < wanted + portsTried; port += 1) if (!taken.has(port)) return port;
  return wanted;
};

/** Ports that no container of the pod has declared, nor a sidecar that stays. */
export const queueProxyPorts = ({ spec }: Pod): QueueProxyPorts => {
  const { containers, initContainers = [] } = spec;
  const staying = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const declared = [...containers, ...staying].flatMap(({ ports = [] }) => ports);
  const taken = new Set(declared.map(({ containerPort }) => containerPort));
  return { requests: freePort(taken, requestsPort), metrics: freePort(taken, metricsPort) };
};

/** What a pod's grace leaves for requests in flight, in ms. */
const drainMsOf = ({ spec }: Pod, keepAcceptingMs: number): number => {
  const graceMs = (spec.terminationGracePeriodSeconds ?? usualGraceSeconds) * secondMs;
  return Math.max(leastDrainMs, graceMs - keepAcceptingMs - appEndsMs);
};

/** Of a short grace at most half is spent on waiting for the next request. */
const keepAcceptingOf = ({ spec }: Pod, keepAcceptingMs: number): number => {
  const graceMs = (spec.terminationGracePeriodSeconds ?? usualGraceSeconds) * secondMs;
  return Math.min(keepAcceptingMs, Math.floor(graceMs / 2));
};

const envOf = (
  pod: Pod,
  app: AppContainer,
  settings: QueueProxySettings & PodLimits & { readonly ports: QueueProxyPorts },
) => {
  const keepAcceptingMs = keepAcceptingOf(pod, settings.keepAcceptingMs);
  const values = {
    FLYBALL_QUEUE_LISTEN: `$(POD_IP):${settings.ports.requests}`,
    // Where a Service would send requests: an app that is reached by one listens there.
    FLYBALL_QUEUE_TARGET: `$(POD_IP):${app.port}`,
    ...(app.isHttp2 ? { FLYBALL_QUEUE_PROTOCOL: 'h2c' } : {}),
    FLYBALL_CONTAINER_CONCURRENCY: String(settings.containerConcurrency),
    FLYBALL_REQUEST_TIMEOUT_MS: String(settings.timeoutMs),
    ...(app.probe ? { FLYBALL_READINESS_PROBE: JSON.stringify(app.probe) } : {}),
    FLYBALL_KEEP_ACCEPTING_MS: String(keepAcceptingMs),
    FLYBALL_DRAIN_MS: String(drainMsOf(pod, keepAcceptingMs)),
    FLYBALL_HEALTH_HOST: '$(POD_IP)',
    FLYBALL_HEALTH_PORT: String(settings.ports.metrics),
  };
  return [
    { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
  ];
};

export const queueProxyContainer = (
  pod: Pod,
  app: AppContainer,
  settings: QueueProxySettings & PodLimits & { readonly ports: QueueProxyPorts },
) => ({
  name: queueProxyNames.container,
  image: settings.image,
  ports: [
    { name: queueProxyNames.requestsPort, containerPort: settings.ports.requests, protocol: 'TCP' },
    { name: queueProxyNames.metricsPort, containerPort: settings.ports.metrics, protocol: 'TCP' },
  ],
  env: envOf(pod, app, settings),
  readinessProbe: {
    httpGet: { path: '/readyz', port: queueProxyNames.metricsPort },
    periodSeconds: 1,
    timeoutSeconds: 1,
  },
  resources: {
    requests: { cpu: settings.cpu, memory: settings.memory },
    limits: {
      ...(settings.cpuMax === '' ? {} : { cpu: settings.cpuMax }),
      memory: settings.memoryMax,
    },
  },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: nobody,
    runAsGroup: nobody,
    seccompProfile: { type: 'RuntimeDefault' },
  },
});
