/** Puts a queue-proxy into a pod that asks for one. Pure: the pod in, the pod out. */
import { type Annotations, defaultAutoscalerConfig, resolvePolicy } from '@flyball/knative';
import { queueProxyNames } from '../queue-proxy-names.ts';
import { appContainerOf } from './app-container.ts';
import type { Container, Pod } from './pod.ts';
import {
  type QueueProxySettings,
  queueProxyContainer,
  queueProxyPorts,
} from './queue-proxy-container.ts';

export type Injection =
  /** It did not ask, or has one: it stays as it is. */
  | { readonly kind: 'none' }
  /** It asked, and cannot have one; a sentence says why. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'injected'; readonly pod: Pod; readonly warnings: readonly string[] };

export interface InjectionInput {
  readonly pod: Pod;
  /** Of the Deployment; those of the pod win. */
  readonly deployment: Annotations;
  /** Its Namespace asks for all of its pods. */
  readonly namespaceAsks: boolean;
  readonly settings: QueueProxySettings;
}

const injectAnnotation = 'flyball.dev/inject';
const queueProxyAnnotation = 'flyball.dev/queue-proxy';

const switchOf = (text: string | undefined): boolean | undefined => {
  if (text === undefined) return undefined;
  const said = text.toLowerCase();
  return said === 'true' ? true : said === 'false' ? false : undefined;
};

/** `false` wins wherever it stands; a Namespace asks for those that say nothing. */
export const asksForQueueProxy = (annotations: Annotations, namespaceAsks: boolean): boolean => {
  const said = [injectAnnotation, queueProxyAnnotation].map((key) => switchOf(annotations[key]));
  if (said.includes(false)) return false;
  return said.includes(true) || namespaceAsks;
};

const hasQueueProxy = ({ spec }: Pod): boolean =>
  [...spec.containers, ...(spec.initContainers ?? [])].some(
    ({ name }) => name === queueProxyNames.container,
  );

/** It ends when the last request has; one that has a hook of its own keeps that. */
const endsAfterDrain = (container: Container, metricsPort: number): Container => ({
  ...container,
  lifecycle: {
    ...container.lifecycle,
    preStop: { httpGet: { path: '/wait-for-drain', port: metricsPort, scheme: 'HTTP' } },
  },
});

const withoutProbe = ({ readinessProbe: _, ...container }: Container): Container => container;

const ownHook = (name: string): string =>
  `The container ${name} has a preStop hook of its own: unless that waits long enough, it ends ` +
  'before its requests do.';

/** Why the pod cannot have one, whatever its containers are. */
const obstacleOf = ({ spec }: Pod): string | undefined => {
  if (spec.hostNetwork === true) {
    return 'It uses the network of its node, where the ports of a queue-proxy may be taken.';
  }
  const system = spec.os?.name ?? spec.nodeSelector?.['kubernetes.io/os'] ?? 'linux';
  if (system !== 'linux') return `It is of ${system}: a queue-proxy runs on Linux only.`;
  const { restartPolicy = 'Always' } = spec;
  if (restartPolicy === 'Always') return undefined;
  return (
    `Its restartPolicy is ${restartPolicy}: beside a queue-proxy, which goes on, it would never ` +
    'end.'
  );
};

/** Decides, and makes the pod as it is to be. */
export const injectQueueProxy = (input: InjectionInput): Injection => {
  const { pod, namespaceAsks, settings } = input;
  const annotations = { ...input.deployment, ...pod.metadata.annotations };
  if (!asksForQueueProxy(annotations, namespaceAsks) || hasQueueProxy(pod)) return { kind: 'none' };
  const obstacle = obstacleOf(pod);
  if (obstacle !== undefined) return { kind: 'refused', reason: obstacle };
  const { policy } = resolvePolicy({ config: defaultAutoscalerConfig, annotations });
  const app = appContainerOf(pod, annotations);
  if (app === undefined) {
    const reason = 'No container declares a port: flyball.dev/port says where requests go.';
    return { kind: 'refused', reason };
  }
  const ports = queueProxyPorts(pod);
  const warnings: string[] = [];
  const containers = pod.spec.containers.map((container, index) => {
    const isApp = index === app.index;
    const asked = isApp && app.probe !== undefined ? withoutProbe(container) : container;
    // Others too: the app may need them for as long as it has requests.
    if (container.lifecycle?.preStop === undefined) return endsAfterDrain(asked, ports.metrics);
    if (isApp) warnings.push(ownHook(container.name));
    return asked;
  });
  const { containerConcurrency, timeoutMs } = policy;
  const limits = { ...settings, ports, containerConcurrency, timeoutMs };
  const injected = [...containers, queueProxyContainer(pod, app, limits)] as Container[];
  return {
    kind: 'injected',
    pod: { ...pod, spec: { ...pod.spec, containers: injected } },
    warnings,
  };
};
