/** What a pod is made from: a change of it, and of nothing else, replaces the pods. */
import { podProtocolOf, workloadAnnotation } from '@flyball/platform';
import type { Place } from './addresses.ts';
import type { LocalWorkload } from './objects.ts';

export interface PodTemplate {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly queueProxy: boolean;
  /** How the pod is spoken to; HTTP/1.1 when it is not given. */
  readonly protocol?: 'h2c' | undefined;
  readonly containerConcurrency: number;
  readonly timeoutSeconds: number;
  readonly probePath: string;
}

export const templateOf = ({ spec }: LocalWorkload): PodTemplate => {
  const { annotations } = spec;
  const protocol = podProtocolOf({ annotations });
  return {
    command: spec.manifest.command ?? [],
    env: spec.manifest.env,
    queueProxy: annotations[workloadAnnotation.queueProxy] === 'true',
    ...(protocol === undefined ? {} : { protocol }),
    containerConcurrency: spec.containerConcurrency,
    timeoutSeconds: spec.timeoutSeconds,
    probePath: annotations[workloadAnnotation.probePath] ?? '/',
  };
};

/** Equal for equal templates. */
export const templateKey = (template: PodTemplate): string => JSON.stringify(template);

/** The environment of the workload's own process; HOST and PORT are where it must listen. */
export const podEnv = (
  base: Readonly<Record<string, string>>,
  template: PodTemplate,
  names: { readonly workload: string; readonly pod: string; readonly place: Place },
): Readonly<Record<string, string>> => ({
  ...base,
  ...template.env,
  HOST: names.place.host,
  PORT: String(names.place.port),
  FLYBALL_POD: names.pod,
  FLYBALL_WORKLOAD: names.workload,
});

/** The environment of the queue-proxy before a pod. */
export const queueProxyEnv = (
  base: Readonly<Record<string, string>>,
  template: PodTemplate,
  names: { readonly workload: string; readonly pod: string; readonly place: Place },
): Readonly<Record<string, string>> => {
  const { host, port, queuePort, queueMetricsPort } = names.place;
  return {
    ...base,
    FLYBALL_QUEUE_LISTEN: `${host}:${queuePort}`,
    FLYBALL_QUEUE_TARGET: `${host}:${port}`,
    FLYBALL_QUEUE_PROTOCOL: template.protocol ?? 'http1',
    FLYBALL_CONTAINER_CONCURRENCY: String(template.containerConcurrency),
    FLYBALL_REQUEST_TIMEOUT_MS: String(template.timeoutSeconds * 1_000),
    FLYBALL_DRAIN_MS: String(template.timeoutSeconds * 1_000),
    FLYBALL_HEALTH_HOST: host,
    FLYBALL_HEALTH_PORT: String(queueMetricsPort),
  };
};
