/** A policy's values as people read them: in units, and with what their special values mean. */
import type { MetricsSource, Policy } from '@flyball/contracts';

type ValueText<V> = (value: V, policy: Policy) => string;
type Values = { readonly [K in keyof Policy]: ValueText<Policy[K]> };

const plain = (value: unknown): string => String(value);

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

const rounded = (value: number): string => String(Number(value.toPrecision(12)));

/** `6 s`, `10 min`, `1 h`, `90 s`, `250 ms`: exact, in the largest unit that leaves no fraction. */
const exactDuration = (ms: number): string => {
  if (ms >= hourMs && ms % hourMs === 0) return `${ms / hourMs} h`;
  // Windows are thought of in seconds up to a few minutes.
  if (ms >= 5 * minuteMs && ms % minuteMs === 0) return `${ms / minuteMs} min`;
  return ms % secondMs === 0 || ms >= secondMs ? `${ms / secondMs} s` : `${ms} ms`;
};

const percentage = (fraction: number): string => `${rounded(fraction * 100)} %`;
const pods = (value: number): string => `${value} ${value === 1 ? 'pod' : 'pods'}`;
const limitedPods = (value: number): string => (value === 0 ? '0 (no limit)' : pods(value));

/** A load, or a target, in the unit of its metric: `12 in flight`, `150 requests/s`. */
export const loadText = (value: number, metric: Policy['metric'] | undefined): string => {
  if (metric === 'rps') return `${rounded(value)} requests/s`;
  return metric === 'concurrency' ? `${rounded(value)} in flight` : rounded(value);
};

const load: ValueText<number> = (value, { metric }) => loadText(value, metric);

const burstCapacity = (value: number): string => {
  if (value === -1) return '-1 (always through the activator)';
  return value === 0 ? '0 (through the activator only at zero)' : `${rounded(value)} in flight`;
};

const sourceText = ({ pages, concurrency, requests }: MetricsSource): string => {
  const selectors = [concurrency, requests].filter((one) => one !== null).join(' and ');
  if (pages.from === 'urls') return `${selectors} at ${pages.urls.join(' ')}`;
  const port = pages.port === null ? '' : `:${pages.port}`;
  return `${selectors} at ${port}${pages.path} of each pod`;
};

const values: Values = {
  class: plain,
  metric: plain,
  behaviour: plain,
  algorithm: plain,
  totalValue: load,
  targetValue: load,
  targetUtilization: percentage,
  containerConcurrency: (value) => (value === 0 ? '0 (no limit)' : `${value} in flight`),
  stableWindowMs: exactDuration,
  panicWindowMs: exactDuration,
  panicThreshold: percentage,
  tolerance: (value) => (value === 0 ? '0 % (none)' : percentage(value)),
  metricAggregationAlgorithm: plain,
  maxScaleUpRate: (value) => `× ${rounded(value)} a decision`,
  maxScaleDownRate: (value) => `÷ ${rounded(value)} a decision`,
  minScale: pods,
  maxScale: limitedPods,
  initialScale: pods,
  activationScale: (value) => (value === 0 ? '0 (unset)' : pods(value)),
  scaleDownDelayMs: exactDuration,
  enableScaleToZero: plain,
  scaleToZeroGracePeriodMs: exactDuration,
  scaleToZeroPodRetentionPeriodMs: exactDuration,
  targetBurstCapacity: burstCapacity,
  activatorCapacity: (value) => `${rounded(value)} in flight`,
  minScaleWhenUnreachable: plain,
  queueProxy: plain,
  source: (source) => (source === undefined ? 'queue-proxies' : sourceText(source)),
  timeoutMs: (value) => `${value / secondMs} s`,
  progressDeadlineMs: exactDuration,
};

/** As annotations and docs/settings.md call them, where those exist. */
const names: Readonly<Record<keyof Policy, string>> = {
  class: 'class',
  metric: 'metric',
  behaviour: 'behaviour',
  algorithm: 'algorithm',
  totalValue: 'target',
  targetValue: 'target aimed for',
  targetUtilization: 'target-utilization-percentage',
  containerConcurrency: 'container-concurrency',
  stableWindowMs: 'window',
  panicWindowMs: 'panic-window',
  panicThreshold: 'panic-threshold-percentage',
  tolerance: 'tolerance-percentage',
  metricAggregationAlgorithm: 'metric-aggregation-algorithm',
  maxScaleUpRate: 'max-scale-up-rate',
  maxScaleDownRate: 'max-scale-down-rate',
  minScale: 'min-scale',
  maxScale: 'max-scale',
  initialScale: 'initial-scale',
  activationScale: 'activation-scale',
  scaleDownDelayMs: 'scale-down-delay',
  enableScaleToZero: 'enable-scale-to-zero',
  scaleToZeroGracePeriodMs: 'scale-to-zero-grace-period',
  scaleToZeroPodRetentionPeriodMs: 'scale-to-zero-pod-retention-period',
  targetBurstCapacity: 'target-burst-capacity',
  activatorCapacity: 'activator-capacity',
  minScaleWhenUnreachable: 'min-scale-when-unreachable',
  queueProxy: 'queue-proxy',
  source: 'metrics source',
  timeoutMs: 'timeout-seconds',
  progressDeadlineMs: 'progress-deadline',
};

/** What a setting is called where people set it. */
export const settingName = (key: keyof Policy): string => names[key];

/** One value of a policy for people. */
export const policyValue = (policy: Policy, key: keyof Policy): string =>
  (values[key] as ValueText<unknown>)(policy[key], policy);

/** The keys in the order of the contract, each for a row. */
export const policyKeys = (policy: Policy): readonly (keyof Policy)[] =>
  (Object.keys(values) as (keyof Policy)[]).filter((key) => key in policy);
