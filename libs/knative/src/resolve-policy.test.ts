/** Which value a policy ends with, and which layer set it. */
import { currentAlgorithm, policySchema } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import { parseConfigAutoscaler } from './parse-config-autoscaler.ts';
import { type PolicyInputs, resolvePolicy } from './resolve-policy.ts';

interface Given extends Omit<Partial<PolicyInputs>, 'config'> {
  config?: Record<string, string>;
}

/** Short names stand for `autoscaling.knative.dev/<name>`. */
const resolve = ({ config = {}, annotations = {}, ...spec }: Given) => {
  const full = Object.entries(annotations).map(([key, value]) => [
    key.includes('/') ? key : `autoscaling.knative.dev/${key}`,
    value,
  ]);
  return resolvePolicy({
    ...spec,
    config: parseConfigAutoscaler(config).config,
    annotations: Object.fromEntries(full),
  });
};

it('without any setting is Knative’s defaults under our behaviour', () => {
  const { policy, layers, complaints } = resolve({});
  expect(complaints).toEqual([]);
  expect(policySchema.parse(policy)).toEqual({
    class: 'kpa.autoscaling.knative.dev',
    metric: 'concurrency',
    behaviour: 'flyball',
    algorithm: currentAlgorithm,
    totalValue: 100,
    targetValue: 70,
    targetUtilization: 0.7,
    containerConcurrency: 0,
    stableWindowMs: 60_000,
    panicWindowMs: 6000,
    panicThreshold: 2,
    tolerance: 0.1,
    metricAggregationAlgorithm: 'linear',
    maxScaleUpRate: 1000,
    maxScaleDownRate: 2,
    minScale: 0,
    maxScale: 0,
    initialScale: 1,
    activationScale: 0,
    scaleDownDelayMs: 0,
    enableScaleToZero: true,
    scaleToZeroGracePeriodMs: 30_000,
    scaleToZeroPodRetentionPeriodMs: 0,
    targetBurstCapacity: 211,
    activatorCapacity: 100,
    minScaleWhenUnreachable: false,
    queueProxy: false,
    timeoutMs: 300_000,
    progressDeadlineMs: 600_000,
  });
  expect(new Set(Object.values(layers))).toEqual(new Set(['default']));
  expect(Object.keys(layers).toSorted()).toEqual(Object.keys(policy).toSorted());
});

describe('the target of a pod', () => {
  it.each([
    ['the default', {}, 100, 70, 'default'],
    [
      'the articles',
      { config: percent('1.0'), annotations: { target: '10' } },
      10,
      10,
      'annotation',
    ],
    ['the hard limit', { containerConcurrency: 10 }, 10, 7, 'spec'],
    ['the smaller', { containerConcurrency: 10, annotations: { target: '20' } }, 10, 7, 'spec'],
    ['the same', { containerConcurrency: 80, annotations: { target: '20' } }, 20, 14, 'annotation'],
    ['percentages', { config: percent('50') }, 100, 50, 'config-autoscaler'],
    ['the least', { annotations: { target: '0.01' } }, 0.01, 0.01, 'annotation'],
    ['rps', { config: percent('50'), annotations: { metric: 'rps' } }, 200, 140, 'default'],
    [
      'rps, never the hard limit',
      { containerConcurrency: 2, annotations: { metric: 'rps', target: '50' } },
      50,
      35,
      'annotation',
    ],
    [
      'a utilisation by annotation',
      { annotations: { 'target-utilization-percentage': '33' } },
      100,
      33,
      'annotation',
    ],
  ] as const)('%s', (_, given: Given, total, target, layer) => {
    const { policy, layers } = resolve(given);
    expect([policy.totalValue, policy.targetValue]).toEqual([total, target]);
    expect(layers.targetValue).toBe(layer);
  });
});

function percent(value: string): Record<string, string> {
  return { 'container-concurrency-target-percentage': value };
}

describe('the panic window', () => {
  it.each([
    ['60s', '4', 2000],
    ['33s', '10', 3000],
    ['29s', '51', 15_000],
    ['6s', '1', 1000],
    ['15s', '10', 2000],
    ['1h', '100', 3_600_000],
  ])('of %s at %s %% is %d ms', (window, percentage, ms) => {
    const annotations = { window, 'panic-window-percentage': percentage };
    expect(resolve({ annotations }).policy.panicWindowMs).toBe(ms);
  });

  it('of an older ConfigMap is fixed, at most the stable window, yields to a percentage', () => {
    const config = { 'panic-window': '9s' };
    expect(resolve({ config }).policy.panicWindowMs).toBe(9000);
    expect(resolve({ config, annotations: { window: '6s' } }).policy.panicWindowMs).toBe(6000);
    const annotations = { 'panic-window-percentage': '20' };
    expect(resolve({ config, annotations }).policy.panicWindowMs).toBe(12_000);
  });
});

it('lets annotations win over the ConfigMap, and says so', () => {
  const config = { 'min-scale': '1', 'max-scale': '50', 'stable-window': '90s' };
  const { policy, layers } = resolve({ config, annotations: { minScale: '2', maxScale: '6' } });
  expect([policy.minScale, policy.maxScale, policy.stableWindowMs]).toEqual([2, 6, 90_000]);
  expect([layers.minScale, layers.stableWindowMs]).toEqual(['annotation', 'config-autoscaler']);
});

it('takes our own settings', () => {
  const annotations = {
    'flyball.dev/behaviour': 'knative',
    'flyball.dev/queue-proxy': 'true',
    'flyball.dev/min-scale-when-unreachable': 'true',
    'flyball.dev/container-concurrency': '4',
    'flyball.dev/timeout-seconds': '20',
  };
  const { policy, layers } = resolve({ annotations });
  expect(policy).toMatchObject({
    behaviour: 'knative',
    queueProxy: true,
    minScaleWhenUnreachable: true,
    containerConcurrency: 4,
    totalValue: 4,
    timeoutMs: 20_000,
  });
  expect([layers.containerConcurrency, layers.timeoutMs]).toEqual(['annotation', 'annotation']);
  const config = { behaviour: 'knative', 'min-scale-when-unreachable': 'true' };
  expect(resolve({ config }).layers.behaviour).toBe('config-autoscaler');
});

it('keeps the layer below where an annotation cannot be read, and complains', () => {
  const config = { 'min-scale': '3' };
  const { policy, complaints } = resolve({ config, annotations: { 'min-scale': 'bad' } });
  expect(policy.minScale).toBe(3);
  expect(complaints.map((one) => one.severity)).toEqual(['error']);
});

it('does not fall back to camelCase when kebab-case cannot be read', () => {
  const annotations = { 'min-scale': 'bad', minScale: '2' };
  expect(resolve({ annotations }).policy.minScale).toBe(0);
});

it('starts at zero only where that is allowed', () => {
  const annotations = { 'initial-scale': '0' };
  expect(resolve({ config: { 'initial-scale': '3' }, annotations }).policy.initialScale).toBe(3);
  const config = { 'allow-zero-initial-scale': 'true' };
  expect(resolve({ config, annotations }).policy.initialScale).toBe(0);
});

it('uses an annotation outside of its range only as Knative would, unvalidated', () => {
  const annotations = { 'panic-threshold-percentage': '50', window: '5s' };
  const asKnative = resolve({ config: { behaviour: 'knative' }, annotations }).policy;
  expect([asKnative.panicThreshold, asKnative.stableWindowMs]).toEqual([0.5, 5000]);
  const ours = resolve({ annotations }).policy;
  expect([ours.panicThreshold, ours.stableWindowMs]).toEqual([2, 60_000]);
});

it('holds what JSON can hold, whatever the ConfigMap let through', () => {
  const config = { behaviour: 'knative', 'max-scale-up-rate': 'Inf', 'max-scale-down-rate': 'NaN' };
  const { policy } = resolve({ config });
  expect([policy.maxScaleUpRate, policy.maxScaleDownRate]).toEqual([Number.MAX_VALUE, 2]);
});

it('measures class hpa by cpu unless told', () => {
  const annotations = { class: 'hpa.autoscaling.knative.dev' };
  expect(resolve({ annotations }).policy.metric).toBe('cpu');
});

describe('the progress deadline', () => {
  const key = 'serving.knative.dev/progress-deadline';

  it('is what the annotation of the serving group says', () => {
    const { policy, layers, complaints } = resolve({ annotations: { [key]: '10s' } });
    expect([policy.progressDeadlineMs, layers.progressDeadlineMs]).toEqual([10_000, 'annotation']);
    expect(complaints).toEqual([]);
  });

  it.each(['0s', '-1s', '1500ms', '10'])('%s is refused, and the default stays', (text) => {
    const { policy, complaints } = resolve({ annotations: { [key]: text } });
    expect(policy.progressDeadlineMs).toBe(600_000);
    expect(complaints).toMatchObject([{ severity: 'error', key }]);
  });
});

it('says nothing of what the platform and its controller are told', () => {
  const annotations = {
    'flyball.dev/reachable': 'false',
    'flyball.dev/template-hash': '0123456789abcdef',
    'flyball.dev/protocol': 'h2c',
    'flyball.dev/status-desired': '3',
  };
  expect(
    resolvePolicy({ config: parseConfigAutoscaler({}).config, annotations }).complaints,
  ).toEqual([]);
});
