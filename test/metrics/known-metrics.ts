/** Names and labels that a query may use: the services', the process's, and the target's own. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { describedMetrics } from './described-metrics.ts';
import type { KnownMetrics } from './promql.ts';

/** What infra/prometheus puts on each target. */
const targetLabels = ['job', 'instance', 'service', 'pod'];

/** The series of a histogram, and of everything else. */
const seriesOf = (
  name: string,
  type: string,
  labels: readonly string[],
): readonly (readonly [string, readonly string[]])[] =>
  type === 'histogram'
    ? [
        [`${name}_bucket`, [...labels, 'le']],
        [`${name}_sum`, labels],
        [`${name}_count`, labels],
      ]
    : [[name, labels]];

/** All that is told, by the registries themselves. */
export const knownMetrics = async (): Promise<KnownMetrics> => {
  const process = new Registry();
  collectDefaultMetrics({ register: process });
  const all = [
    ...(await describedMetrics()).flatMap(({ name, type, labelNames }) =>
      seriesOf(name, type, labelNames),
    ),
    ...process.getMetricsAsArray().flatMap(({ name, type }) => seriesOf(name, String(type), [])),
    ...seriesOf('flyball_event_loop_busy_ratio', 'gauge', []),
    // Prometheus' own, of each target.
    ...seriesOf('up', 'gauge', []),
  ];
  process.clear();
  const byName = new Map(all.map(([name, own]) => [name, new Set([...own, ...targetLabels])]));
  return (metric) => byName.get(metric);
};
