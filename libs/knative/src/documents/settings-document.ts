/** docs/settings.md: every annotation and every key of config-autoscaler. */
import {
  type AnnotationField,
  annotationSettings,
  autoscalingPrefix,
  defaultTimeoutSeconds,
  flyballPrefix,
} from '../annotation-settings.ts';
import {
  type AutoscalerValues,
  autoscalerSettings,
  defaultAutoscalerConfig,
} from '../autoscaler-config.ts';
import { keysWithoutEffect } from '../parse-config-autoscaler.ts';
import { annotationMeanings } from './annotation-meanings.ts';
import { configMeanings } from './config-meanings.ts';

type ConfigField = keyof AutoscalerValues;

/** A key's default as one would write it in the ConfigMap. */
export const configDefault = (field: ConfigField): string => {
  const value = defaultAutoscalerConfig[field];
  if (field === 'containerConcurrencyTargetFraction') return String(Number(value) * 100);
  return typeof value === 'number' && field.endsWith('Ms') ? `${value / 1000}s` : String(value);
};

/** The key that stands in for an annotation that is not given. */
const configOf: Readonly<Partial<Record<AnnotationField, ConfigField>>> = {
  class: 'podAutoscalerClass',
  targetUtilizationPercentage: 'containerConcurrencyTargetFraction',
  targetBurstCapacity: 'targetBurstCapacity',
  windowMs: 'stableWindowMs',
  panicWindowPercentage: 'panicWindowPercentage',
  panicThresholdPercentage: 'panicThresholdPercentage',
  scaleDownDelayMs: 'scaleDownDelayMs',
  scaleToZeroPodRetentionPeriodMs: 'scaleToZeroPodRetentionPeriodMs',
  minScale: 'minScale',
  maxScale: 'maxScale',
  initialScale: 'initialScale',
  behaviour: 'behaviour',
  algorithm: 'algorithm',
  tolerancePercentage: 'tolerancePercentage',
  minScaleWhenUnreachable: 'minScaleWhenUnreachable',
};

const ownDefaults: Readonly<Partial<Record<AnnotationField, string>>> = {
  metric: '`concurrency`; `cpu` for class hpa',
  metricAggregationAlgorithm: '`linear`',
  target:
    'containerConcurrency, else `container-concurrency-target-default` or ' +
    '`requests-per-second-target-default`; none for class hpa',
  activationScale: 'unset',
  queueProxy: '`false`',
  enabled: 'unset',
  containerConcurrency: '`0`',
  timeoutSeconds: `\`${defaultTimeoutSeconds}\``,
  progressDeadlineMs: '`600s`',
  inject: '`false`',
  port: 'the first containerPort',
  metricsConcurrency: 'unset',
  metricsRequests: 'unset',
  metricsUrl: 'unset: the pods have it',
  metricsPort: 'the port that takes requests',
  metricsPath: '`/metrics`',
  metricsAbsent: '`blind`',
};

const annotationDefault = (field: AnnotationField): string => {
  const key = configOf[field];
  return key === undefined ? (ownDefaults[field] ?? '') : `\`${autoscalerSettings[key].key}\``;
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map(cell).join(' | ')} |`)
    .join('\n');

const annotationRows = (prefix: string): string[][] =>
  (Object.keys(annotationSettings) as AnnotationField[])
    .filter((field) => annotationSettings[field].key.startsWith(prefix))
    .map((field) => {
      const { key, camelKey, allowed } = annotationSettings[field];
      const names = camelKey === undefined || camelKey === key ? [key] : [key, camelKey];
      const { means, knative } = annotationMeanings[field];
      const shown = names.map((name) => `\`${name.slice(prefix.length)}\``).join(', ');
      return [shown, annotationDefault(field), allowed, means, knative];
    });

const configRows = (): string[][] =>
  (Object.keys(autoscalerSettings) as ConfigField[]).map((field) => {
    const { key, allowed } = autoscalerSettings[field];
    const { means, knative } = configMeanings[field];
    const unset = field === 'panicWindowMs';
    return [`\`${key}\``, unset ? 'unset' : `\`${configDefault(field)}\``, allowed, means, knative];
  });

const head = ['default', 'allowed', 'meaning', 'Knative'];
const servingPrefix = 'serving.knative.dev/';

/** The whole document, which a test keeps current. */
export const settingsDocument = (): string => `<!-- Made by \`npm run generate\`. -->

# Settings

Later wins: defaults, the ConfigMap \`config-autoscaler\`, annotations, orders. A change takes
effect at the next tick; nothing is restarted. \`flyball lint -f\` checks a file, and
\`flyball policy\` shows what is in force and which layer set it.

Numbers, durations and switches are read as in Go, as Knative does: \`1e2\`, \`1m30s\`, \`T\`.
All values are strings: quote them. A "fix" is one of those in docs/decisions, which
\`behaviour: knative\` turns off.

## Annotations \`${autoscalingPrefix}…\`

On the template: \`spec.template.metadata.annotations\`, or \`revisionTemplate\` in the older shape.
A Deployment may have them on itself as well; those on its pod template win. A default that is a key
is the value of that key in \`config-autoscaler\`. The second spelling is Knative's older one; the
first wins.

${table(['annotation', ...head], annotationRows(autoscalingPrefix))}

## Annotations \`${servingPrefix}…\`

${table(['annotation', ...head], annotationRows(servingPrefix))}

## Annotations \`${flyballPrefix}…\`

${table(['annotation', ...head], annotationRows(flyballPrefix))}

## The ConfigMap \`config-autoscaler\`

Keys that begin with \`_\`, such as \`_example\`, are comments.
\`infra/kubernetes/base/config-autoscaler.yaml\` has them all at their defaults.

${table(['key', ...head], configRows())}

Keys of older versions that are accepted, with a warning, and have no effect:

${table(
  ['key', 'why nothing is missing'],
  Object.entries(keysWithoutEffect).map(([key, why]) => [`\`${key}\``, why]),
)}
`;
