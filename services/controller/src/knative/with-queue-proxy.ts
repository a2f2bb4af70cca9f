/** The pods of a revision with their queue-proxy, as the webhook would make them. */
import {
  injectQueueProxy,
  podSchema,
  type QueueProxySettings,
  queueProxyNames,
} from '@flyball/platform/kubernetes';
import type { ControllerConfig } from '../config.ts';
import type { JsonMap, PodTemplate, TextMap } from '../objects/cluster-object.ts';

/** The pods as they are to be, by what their Deployment's annotations say of limits. */
export type WithQueueProxy = (template: PodTemplate, annotations: TextMap) => PodTemplate;

/** Does a pod have one? */
export const hasQueueProxy = ({ spec }: PodTemplate): boolean =>
  Array.isArray(spec.containers) &&
  (spec.containers as readonly JsonMap[]).some(({ name }) => name === queueProxyNames.container);

const injecting =
  (settings: QueueProxySettings): WithQueueProxy =>
  (template, annotations) => {
    const pod = podSchema.safeParse({ metadata: {}, spec: template.spec });
    // What is no pod is refused by the API server, which says why.
    if (!pod.success) return template;
    const injection = injectQueueProxy({
      ...{ pod: pod.data, settings, namespaceAsks: true },
      deployment: annotations,
    });
    if (injection.kind !== 'injected') return template;
    return { ...template, spec: injection.pod.spec as unknown as JsonMap };
  };

/** Without an image, pods stay as they are. */
export const withQueueProxy = (config: ControllerConfig): WithQueueProxy => {
  const { queueProxyImage: image, keepAcceptingMs } = config;
  const { queueProxyCpu: cpu, queueProxyCpuMax: cpuMax } = config;
  const { queueProxyMemory: memory, queueProxyMemoryMax: memoryMax } = config;
  if (image === '') return (template) => template;
  return injecting({ image, cpu, cpuMax, memory, memoryMax, keepAcceptingMs });
};
