/** Every metric of every service, as its registry describes it. */
import { exposition } from '@flyball/queue-proxy/exposition';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { serviceRegistries } from './service-registries.ts';

const described = z.object({
  name: z.string(),
  help: z.string(),
  type: z.enum(['counter', 'gauge', 'histogram']),
  labelNames: z.array(z.string()),
});

export interface DescribedMetric extends z.infer<typeof described> {
  readonly service: string;
}

const ofRegistry = (service: string, registry: Registry): readonly DescribedMetric[] =>
  registry.getMetricsAsArray().map((metric) => ({ ...described.parse(metric), service }));

/** The queue-proxy writes its page itself: each of its metrics is one number. */
const ofQueueProxy = (): readonly DescribedMetric[] => {
  const nothing = { inFlight: 0, proxiedInFlight: 0, waiting: 0, requestsTotal: 0 };
  const page = exposition({ second: null, secondStartMs: 0, ...nothing });
  const found = page.matchAll(/^# HELP (?<name>\S+) (?<help>.+)\n# TYPE \S+ (?<type>\w+)$/gm);
  return [...found].map(({ groups }) => ({
    ...described.parse({ ...groups, labelNames: [] }),
    service: 'queue-proxy',
  }));
};

/** In the order of the services, each service's by name. */
export const describedMetrics = async (): Promise<readonly DescribedMetric[]> => {
  const registries = await serviceRegistries();
  const all = [...registries].flatMap(([service, registry]) => ofRegistry(service, registry));
  const byName = (one: DescribedMetric, other: DescribedMetric): number =>
    one.service === other.service ? one.name.localeCompare(other.name, 'en') : 0;
  return [...all, ...ofQueueProxy()].toSorted(byName);
};
