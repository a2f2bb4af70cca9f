/** The ConfigMap config-autoscaler: what is read, refused, translated and warned of. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { autoscalerKeys, defaultAutoscalerConfig } from './autoscaler-config.ts';
import { parseConfigAutoscaler } from './parse-config-autoscaler.ts';
import { readManifests } from './read-manifests.ts';

const example = new URL('../../../infra/kubernetes/base/config-autoscaler.yaml', import.meta.url);

const said = (data: Record<string, string>, behaviour: 'flyball' | 'knative' = 'flyball') =>
  parseConfigAutoscaler(data, { behaviour }).complaints.map(
    ({ severity, keys }) => `${severity} ${keys.join(' ')}`,
  );

describe('the example', () => {
  const read = readManifests({ file: 'example', text: readFileSync(example, 'utf8') });

  it('parses to exactly the defaults, without a word', () => {
    expect(read.complaints).toEqual([]);
    expect({ ...read.config, given: [] }).toEqual(defaultAutoscalerConfig);
  });

  it('has every key of today', () => {
    const object = read.objects[0];
    const keys = object?.kind === 'ConfigMap' ? Object.keys(object.data) : [];
    const expected = autoscalerKeys.filter((key) => key !== 'panic-window');
    expect(keys.toSorted()).toEqual(expected.toSorted());
  });
});

it('without data is the defaults', () => {
  expect(parseConfigAutoscaler({})).toEqual({ config: defaultAutoscalerConfig, complaints: [] });
});

it('remembers what was given, even when it is the default', () => {
  const { config } = parseConfigAutoscaler({ 'stable-window': '60s', 'min-scale': '2' });
  expect(config.given.toSorted()).toEqual(['minScale', 'stableWindowMs']);
  expect(config.minScale).toBe(2);
});

it.each([
  ['container-concurrency-target-percentage', '0'],
  ['container-concurrency-target-percentage', '100.5'],
  ['requests-per-second-target-default', '0.009'],
  ['target-burst-capacity', '-0.5'],
  ['activator-capacity', '0.99'],
  ['stable-window', '5999ms'],
  ['stable-window', '61.5s'],
  ['stable-window', '60'],
  ['panic-window-percentage', '100.01'],
  ['panic-threshold-percentage', '109'],
  ['max-scale-up-rate', '1'],
  ['max-scale-down-rate', ' 2'],
  ['max-scale-up-rate', 'NaN'],
  ['max-scale-up-rate', 'Inf'],
  ['scale-down-delay', '1500ms'],
  ['scale-down-delay', '25h'],
  ['enable-scale-to-zero', 'maybe'],
  ['scale-to-zero-grace-period', '0s'],
  ['scale-to-zero-pod-retention-period', '-1s'],
  ['min-scale', '-1'],
  ['min-scale', '2147483648'],
  ['max-scale-limit', '-1'],
  ['behaviour', 'knativ'],
  ['panic-window', '500ms'],
])('%s: %j is an error, and the default stays', (key, value) => {
  const { config, complaints } = parseConfigAutoscaler({ [key]: value });
  expect(complaints.map((one) => [one.severity, one.key, one.value])).toEqual([
    ['error', key, value],
  ]);
  expect(complaints[0]?.allowed).not.toBe('');
  expect(config).toEqual(defaultAutoscalerConfig);
});

describe('what Knative lets through under behaviour knative', () => {
  it('is warned of and kept', () => {
    const data = { 'max-scale-up-rate': 'NaN', 'panic-threshold-percentage': '-5' };
    const { config } = parseConfigAutoscaler(data, { behaviour: 'knative' });
    expect(config.maxScaleUpRate).toBeNaN();
    expect(config.panicThresholdPercentage).toBe(-5);
    expect(said(data, 'knative')).toEqual([
      'warning panic-threshold-percentage',
      'warning max-scale-up-rate',
    ]);
  });

  it('is decided by the data before the option', () => {
    const data = { behaviour: 'flyball', 'panic-threshold-percentage': '-5' };
    expect(said(data, 'knative')).toEqual(['error panic-threshold-percentage']);
  });
});

it.each([
  [{ 'initial-scale': '0' }, ['error initial-scale allow-zero-initial-scale']],
  [{ 'initial-scale': '0', 'allow-zero-initial-scale': 'true' }, []],
  [{ 'max-scale-limit': '5' }, ['error max-scale max-scale-limit']],
  [{ 'max-scale-limit': '5', 'max-scale': '6' }, ['error max-scale max-scale-limit']],
  [{ 'max-scale-limit': '5', 'max-scale': '5' }, []],
  [{ 'min-scale': '4', 'max-scale': '3' }, ['error min-scale max-scale']],
  [{ 'min-scale': '4', 'max-scale': '0' }, []],
  [
    { 'container-concurrency-target-default': '0.014' },
    ['error container-concurrency-target-default container-concurrency-target-percentage'],
  ],
  [{ 'container-concurrency-target-default': '0.015' }, []],
])('%j together: %j', (data, expected) => {
  expect(said(data)).toEqual(expected);
});

it('reports all faults at once', () => {
  const data = { 'stable-window': '1s', 'min-scale': 'x', 'max-scale': 'y', 'target-burst': '1' };
  expect(said(data)).toEqual([
    'error stable-window',
    'error min-scale',
    'error max-scale',
    'warning target-burst',
  ]);
});

it('says which key was meant', () => {
  const hints = (key: string) => parseConfigAutoscaler({ [key]: '1' }).complaints[0]?.didYouMean;
  expect(hints('stable-windw')).toBe('stable-window');
  expect(hints('maxScaleUpRate')).toBe('max-scale-up-rate');
  expect(hints('target')).toBe('autoscaling.knative.dev/target');
  expect(hints('colour')).toBeUndefined();
});

it('leaves out what starts with an underscore', () => {
  expect(said({ _example: 'stable-window: 1s', _note: '' })).toEqual([]);
});

describe('a ConfigMap of Knative 0.7', () => {
  const data = {
    'container-concurrency-target-percentage': '1.0',
    'enable-vertical-pod-autoscaling': 'false',
    'max-scale-up-rate': '10',
    'panic-window': '6s',
    'tick-interval': '2s',
  };

  it('is accepted and translated', () => {
    const { config } = parseConfigAutoscaler(data);
    expect(config.containerConcurrencyTargetFraction).toBe(1);
    expect(config.maxScaleUpRate).toBe(10);
    expect(config.panicWindowMs).toBe(6000);
  });

  it('is warned where a key has no effect, and told what the fraction means', () => {
    expect(said(data)).toEqual([
      'warning panic-window',
      'advice container-concurrency-target-percentage',
      'warning enable-vertical-pod-autoscaling',
      'warning tick-interval',
    ]);
  });

  it('loses its panic-window to a percentage', () => {
    const both = { 'panic-window': '6s', 'panic-window-percentage': '10' };
    expect(said(both)).toEqual(['warning panic-window panic-window-percentage']);
  });
});

describe('what is legal and odd', () => {
  it.each<[string, Record<string, string>]>([
    ['advice min-scale enable-scale-to-zero', { 'enable-scale-to-zero': '0', 'min-scale': '0' }],
    [
      'advice scale-to-zero-pod-retention-period enable-scale-to-zero',
      { 'enable-scale-to-zero': 'false', 'scale-to-zero-pod-retention-period': '1m' },
    ],
    ['advice initial-scale max-scale', { 'initial-scale': '5', 'max-scale': '3' }],
    ['advice scale-down-delay', { 'scale-down-delay': '2s' }],
    ['advice panic-window-percentage stable-window', { 'stable-window': '9s' }],
    [
      'advice tolerance-percentage behaviour',
      { behaviour: 'knative', 'tolerance-percentage': '5' },
    ],
    ['warning pod-autoscaler-class', { 'pod-autoscaler-class': 'mine.example.com' }],
  ])('%s: %j', (expected, data) => {
    expect(said(data)).toEqual([expected]);
  });

  it.each<Record<string, string>>([
    { 'enable-scale-to-zero': 'false', 'min-scale': '1' },
    { 'initial-scale': '3', 'max-scale': '3' },
    { 'scale-down-delay': '3s' },
    { 'stable-window': '10s' },
    { 'tolerance-percentage': '5' },
    { behaviour: 'knative' },
    { 'pod-autoscaler-class': 'hpa.autoscaling.knative.dev' },
  ])('not %j', (data) => {
    expect(said(data)).toEqual([]);
  });
});
