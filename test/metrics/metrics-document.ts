/** docs/metrics.md, made from what the services register. */
import { type DescribedMetric, describedMetrics } from './described-metrics.ts';
import { labelMeanings } from './label-meanings.ts';

export const metricsDocumentPath = 'docs/metrics.md';

const intro = `<!-- Made from the registries by \`npm run generate\`. Do not edit by hand. -->

# Metrics

Each process exports its metrics for Prometheus at \`/metrics\` on its health port
(\`FLYBALL_HEALTH_PORT\`), beside \`/healthz\` and \`/readyz\`. The names and labels below are
stable: \`infra/prometheus\` and \`infra/grafana\` use them, and a test compares the two.

Units are seconds, bytes and ratios (1 is all of it). A name that ends with \`_total\` only rises
while the process lives. A histogram has \`_bucket\`, \`_sum\` and \`_count\`. When a partition is
given away or lost, its series and those of its workloads are no longer exported.

Beside these, each process exports \`flyball_event_loop_busy_ratio\` (the share of the time since
the last scrape in which the event loop was busy), and the \`process_…\` and \`nodejs_…\`
metrics of prom-client. Several services in one process (\`flyball all\`) have a page each.

To see them: [prometheus.yaml](../infra/prometheus/prometheus.yaml) scrapes a cluster, and
[prometheus-local.yaml](../infra/prometheus/prometheus-local.yaml) a laptop where Flyball runs
[with Tilt](kubernetes/tilt.md), whose ports are fixed. \`flyball up\` and
\`flyball all\` take free ports at each start, and no setting fixes them: they are printed then,
\`flyball doctor\` lists them, and \`healthUrls\` of \`run.json\` in the data folder has them.
\`flyball part NAME --ports FILE\` ([cli.md](cli.md)) runs each part on the ports of a file.
[pod-monitor.yaml](../infra/prometheus/pod-monitor.yaml) and
[prometheus-rule.yaml](../infra/prometheus/prometheus-rule.yaml) are for the Prometheus operator.
[alerts.yaml](../infra/prometheus/alerts.yaml) has the rules, with what each means and what to do.
Import [flyball.json](../infra/grafana/flyball.json) into Grafana.
`;

const isWorkloads = ({ name }: DescribedMetric): boolean => name.startsWith('flyball_workload_');
const isCluster = ({ name }: DescribedMetric): boolean => name.startsWith('flyball_cluster_');

const row = ({ name, type, labelNames, help }: DescribedMetric): string => {
  const told = labelNames.map((label) => `\`${label}\``).join(', ');
  return `| \`${name}\` | ${type} | ${told} | ${help.replaceAll('|', '\\|')} |`;
};

const table = (metrics: readonly DescribedMetric[]): string =>
  ['| metric | type | labels | what |', '| --- | --- | --- | --- |', ...metrics.map(row)].join(
    '\n',
  );

const workloadsOf = (metrics: readonly DescribedMetric[]): string => `## Workloads

One series each, from the decider and the windower that own the workload's partition, up to
\`FLYBALL_WORKLOAD_METRICS_MAX\` workloads a process (1,000; the first by name). How many are left
out: \`flyball_decider_workloads_left_out\`, \`flyball_windower_workloads_left_out\`. The sums of
the decider are over all of them. They are computed when they are scraped, and cost nothing else
([decision 44](decisions/0044-metrics.md)).

${table(metrics)}`;

const clusterOf = (metrics: readonly DescribedMetric[]): string => {
  const services = [...new Set(metrics.map(({ service }) => service))].join(', ');
  const once = [...new Map(metrics.map((metric) => [metric.name, metric])).values()];
  return `## Calls to a Kubernetes API server

Exported by each service that makes such calls: ${services}.

${table(once)}`;
};

const labelsOf = (metrics: readonly DescribedMetric[]): string => {
  const used = [...new Set(metrics.flatMap(({ labelNames }) => labelNames))].toSorted();
  const rows = used.map((label) => {
    const what = labelMeanings[label];
    if (what === undefined) throw new Error(`${metricsDocumentPath}: say what ${label} is`);
    return `| \`${label}\` | ${what} |`;
  });
  return ['## Labels', '', '| label | what |', '| --- | --- |', ...rows].join('\n');
};

/** The whole document. */
export const metricsDocument = async (): Promise<string> => {
  const metrics = await describedMetrics();
  const services = [...new Set(metrics.map(({ service }) => service))];
  const own = (service: string): readonly DescribedMetric[] =>
    metrics.filter((one) => one.service === service && !isWorkloads(one) && !isCluster(one));
  const sections = [
    workloadsOf(metrics.filter(isWorkloads)),
    ...services.map((service) => `## The ${service}\n\n${table(own(service))}`),
    clusterOf(metrics.filter(isCluster)),
    labelsOf(metrics),
  ];
  return `${[intro.trimEnd(), ...sections].join('\n\n')}\n`;
};
