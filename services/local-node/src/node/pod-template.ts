/** What a pod is made from: a change of it, and of nothing else, replaces the pods. */
import { workloadAnnotation } from '@flyball/platform';
import type { Place } from './addresses.ts';
import type { LocalWorkload } from './objects.ts';

export interface PodTemplate {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly queueProxy: boolean;
  readonly containerConcurrency: number;
  readonly timeoutSeconds: number;
  readonly probePath: string;
}

export const templateOf = ({ spec }: LocalWorkload): PodTemplate => ({
  command: spec.manifest.command ?? [],
  env: spec.manifest.env,
  queueProxy: spec.annotations[workloadAnnotation.queueProxy] === 'true',
  containerConcurrency: spec.containerConcurrency,
  timeoutSeconds: spec.timeoutSeconds,
  probePath: spec.annotations[workloadAnnotation.probePath] ?? '/',
});

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
    FLYBALL_CONTAINER_CONCURRENCY: String(template.containerConcurrency),
    FLYBALL_REQUEST_TIMEOUT_MS: String(template.timeoutSeconds * 1_000),
    FLYBALL_DRAIN_MS: String(template.timeoutSeconds * 1_000),
    FLYBALL_HEALTH_HOST: host,
    FLYBALL_HEALTH_PORT: String(queueMetricsPort),
  };
};
