/** The alert rules parse, use what is told, and say what to do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { describedMetrics } from './described-metrics.ts';
import { knownMetrics } from './known-metrics.ts';
import { prometheusRulePath, prometheusRuleText } from './prometheus-rule.ts';
import { checkQuery } from './promql.ts';

const rule = z.strictObject({
  alert: z.string().regex(/^Flyball[A-Z][A-Za-z]+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[sm]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
  annotations: z.strictObject({
    summary: z.string().min(10),
    description: z.string().min(30),
    runbook: z.string().regex(/^1\. /),
  }),
});
const rulesFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule).min(1) })),
});

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { groups } = rulesFile.parse(parse(read('infra/prometheus/alerts.yaml')));
const rules = groups.flatMap((group) => group.rules);
const known = await knownMetrics();
const exprOf = (name: string): string => rules.find(({ alert }) => alert === name)?.expr ?? '';

describe('each rule', () => {
  it.each(rules)('$alert: its expression uses names that exist', ({ expr, annotations }) => {
    const { problems, labels, metrics } = checkQuery(expr, known);
    expect(problems).toEqual([]);
    expect(metrics.length).toBeGreaterThan(0);
    const named = Object.values(annotations).flatMap((text) =>
      [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label),
    );
    expect(named.filter((label) => !labels.has(label))).toEqual([]);
  });

  it.each(rules)('$alert: what its words name is there', ({ annotations }) => {
    const text = Object.values(annotations).join('\n');
    const told = [...text.matchAll(/flyball_[a-z_]+/g)].map(([name]) => name);
    expect(told.filter((name) => known(name) === undefined && !known(`${name}_sum`))).toEqual([]);
    const others = [...text.matchAll(/\bFlyball[A-Z]\w+/g)].map(([name]) => name);
    expect(others.filter((name) => !rules.some(({ alert }) => alert === name))).toEqual([]);
    const settings = [...text.matchAll(/FLYBALL_[A-Z_]+/g)].map(([name]) => name);
    expect(settings.filter((name) => !examples.includes(`${name}=`))).toEqual([]);
    const verbs = [...text.matchAll(/`flyball ([a-z-]+)/g)].map(([, verb]) => verb);
    expect(verbs.filter((verb) => !cliDocument.includes(`\n### \`${verb} `))).toEqual([]);
  });
});

const examples = ['activator', 'collector', 'windower', 'decider', 'actuator', 'watcher']
  .map((service) => read(`services/${service}/example.env`))
  .join('\n');
const cliDocument = read('docs/cli.md');

test('no two rules have one name', () => {
  const names = rules.map(({ alert }) => alert);
  expect(new Set(names).size).toBe(names.length);
});

test('what must never be, and what stops scaling, is critical', () => {
  const severities = new Map(rules.map(({ alert, labels }) => [alert, labels.severity]));
  const stopping = ['ActivatorAbsent', 'PartitionUnowned', 'PartitionNotLive', 'DeciderBehind'];
  for (const alert of ['LedgerImbalance', 'WindowerSilent', ...stopping]) {
    expect(severities.get(`Flyball${alert}`), alert).toBe('critical');
  }
});

test('every stage that owns partitions is watched for partitions that nobody owns', async () => {
  const owners = (await describedMetrics()).filter(({ name }) => name.endsWith('_partitions'));
  const unowned = exprOf('FlyballPartitionUnowned');
  expect(owners.length).toBeGreaterThan(5);
  for (const { name } of owners) expect(unowned).toContain(`${name}_owned`);
});

test('a partition without a tick is seen in each stage that tells the age of ticks', async () => {
  const ages = (await describedMetrics()).filter(({ name }) => name.endsWith('_tick_age_seconds'));
  const notLive = exprOf('FlyballPartitionNotLive');
  expect(ages.length).toBeGreaterThan(1);
  for (const { name, service } of ages) {
    const live = `count(count by (partition) (${name})) or vector(0)`;
    expect(notLive).toContain(`max(flyball_${service}_partitions) - (${live})`);
  }
});

test('what is counted during a recovery is seen though it was there at the first scrape', () => {
  const counters = rules.flatMap(({ alert, expr }) =>
    checkQuery(expr, known)
      .metrics.filter((metric) => /_(divergences|dead_letters)_total$/.test(metric))
      .map((metric) => ({ alert, expr, metric })),
  );
  expect(new Set(counters.map(({ alert }) => alert)).size).toBe(2);
  for (const { expr, metric } of counters) {
    expect(expr).toContain(`(increase(${metric}[15m]) > 0)`);
    expect(expr).toContain(`(${metric} > 0 unless ${metric} offset 15m)`);
  }
});

test('that no activator is there is told, though no target of it is down', () => {
  expect(exprOf('FlyballActivatorAbsent')).toBe('absent(flyball_activator_workloads)');
});

test('what promtool is to try is of rules that exist', () => {
  const tried = read('test/metrics/alerts.promtool.yaml').match(/\bFlyball[A-Z]\w+/g) ?? [];
  expect(tried.length).toBeGreaterThan(0);
  expect(tried.filter((name) => exprOf(name) === '')).toEqual([]);
});

test(`${prometheusRulePath} has the same rules (else: npm run generate)`, () => {
  expect(read(prometheusRulePath)).toBe(prometheusRuleText(read('infra/prometheus/alerts.yaml')));
});

test('the samples of scraping put on each target what rules and dashboard go by', () => {
  const monitor = z
    .looseObject({
      kind: z.literal('PodMonitor'),
      spec: z.looseObject({
        podMetricsEndpoints: z.array(
          z.looseObject({
            port: z.literal('health'),
            honorLabels: z.literal(true),
            relabelings: z.array(z.looseObject({ targetLabel: z.string() })),
          }),
        ),
      }),
    })
    .parse(parseAllDocuments(read('infra/prometheus/pod-monitor.yaml'))[0]?.toJS());
  const [endpoint] = monitor.spec.podMetricsEndpoints;
  const put = endpoint?.relabelings.map(({ targetLabel }) => targetLabel);
  expect(put).toEqual(expect.arrayContaining(['job', 'service']));
  const scrape = z.looseObject({
    rule_files: z.array(z.string()),
    scrape_configs: z.tuple([
      z.looseObject({
        job_name: z.literal('flyball'),
        honor_labels: z.literal(true),
        kubernetes_sd_configs: z.array(z.unknown()).default([]),
        relabel_configs: z.array(z.unknown()).default([]),
      }),
    ]),
  });
  const [cluster, laptop] = ['prometheus.yaml', 'prometheus-local.yaml'].map(
    (file) => scrape.parse(parse(read(`infra/prometheus/${file}`))).scrape_configs[0],
  );
  expect(cluster?.kubernetes_sd_configs).toHaveLength(1);
  // Targets that are not there are processes that do not answer: each file has one place's only.
  expect(cluster).not.toHaveProperty('static_configs');
  expect(laptop?.kubernetes_sd_configs).toEqual([]);
  // The Prometheus operator leaves out by itself what has ended.
  expect(cluster?.relabel_configs).toContainEqual({
    source_labels: ['__meta_kubernetes_pod_phase'],
    regex: 'Failed|Succeeded',
    action: 'drop',
  });
});
