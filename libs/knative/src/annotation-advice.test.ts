/** What is legal and odd is said, at the annotation that it is about; what is not odd is not. */
import { describe, expect, it } from 'vitest';
import { autoscalingPrefix } from './annotation-settings.ts';
import { parseConfigAutoscaler } from './parse-config-autoscaler.ts';
import { validateAnnotations } from './validate-annotations.ts';

interface Given {
  readonly config?: Record<string, string>;
  /** Short names stand for `autoscaling.knative.dev/<name>`. */
  readonly annotations?: Record<string, string>;
  readonly containerConcurrency?: number;
}

const said = ({ config = {}, annotations = {}, containerConcurrency = 0 }: Given): string[] => {
  const full = Object.entries(annotations).map(([key, value]) => [
    key.includes('/') ? key : `${autoscalingPrefix}${key}`,
    value,
  ]);
  const complaints = validateAnnotations(Object.fromEntries(full), {
    config: parseConfigAutoscaler(config).config,
    containerConcurrency,
  });
  return complaints.map(({ severity, key }) => `${severity} ${key.replace(/^[^/]+\//, '')}`);
};

const hpa = 'hpa.autoscaling.knative.dev';

const limited = (containerConcurrency: number, annotations: Record<string, string>): Given => ({
  containerConcurrency,
  annotations,
});

describe('odd, and said so', () => {
  it.each<[string, Given]>([
    ['warning class', { annotations: { class: 'mine.example.com', metric: 'foo' } }],
    ['advice target', limited(10, { target: '20' })],
    ['advice target', { annotations: { target: '1' } }],
    ['advice containerConcurrency', limited(1, {})],
    ['advice containerConcurrency', limited(1, { 'target-utilization-percentage': '100' })],
    ['advice container-concurrency', limited(1, { 'flyball.dev/container-concurrency': '1' })],
    [
      'advice target-utilization-percentage',
      { annotations: { 'target-utilization-percentage': '1' } },
    ],
    ['advice panic-window-percentage', { annotations: { 'panic-window-percentage': '1' } }],
    ['advice panic-window-percentage', { annotations: { 'panic-window-percentage': '100' } }],
    ['advice window', { annotations: { window: '9s' } }],
    ['advice scale-down-delay', { annotations: { 'scale-down-delay': '2s' } }],
    [
      'advice scale-down-delay',
      { annotations: { 'scale-down-delay': '1m', 'min-scale': '2', 'max-scale': '2' } },
    ],
    [
      'advice min-scale',
      { config: { 'enable-scale-to-zero': 'false' }, annotations: { 'min-scale': '0' } },
    ],
    ['warning min-scale', { config: { 'max-scale': '2' }, annotations: { 'min-scale': '3' } }],
    ['warning maxScale', { config: { 'min-scale': '2' }, annotations: { maxScale: '1' } }],
    [
      'advice scale-to-zero-pod-retention-period',
      { annotations: { 'scale-to-zero-pod-retention-period': '1m', minScale: '1' } },
    ],
    [
      'advice scale-to-zero-pod-retention-period',
      {
        config: { 'enable-scale-to-zero': 'false' },
        annotations: { 'scale-to-zero-pod-retention-period': '1m' },
      },
    ],
    [
      'advice activation-scale',
      { config: { 'min-scale': '3' }, annotations: { 'activation-scale': '2' } },
    ],
    ['advice initial-scale', { annotations: { 'initial-scale': '5', 'max-scale': '3' } }],
    ['advice initialScale', { config: { 'max-scale': '3' }, annotations: { initialScale: '5' } }],
    [
      'advice tolerance-percentage',
      {
        config: { behaviour: 'knative' },
        annotations: { 'flyball.dev/tolerance-percentage': '5' },
      },
    ],
    ['advice metric', { annotations: { class: hpa, metric: 'concurrency' } }],
    ['warning metric', { annotations: { class: hpa, metric: 'memory' } }],
    ['warning target', { annotations: { class: hpa, metric: 'memory', target: '0.5' } }],
    ['advice window', { annotations: { class: hpa, window: '10s' } }],
    ['advice min-scale', { annotations: { class: hpa, 'min-scale': '0' } }],
    ['advice scale-down-delay', { annotations: { class: hpa, 'scale-down-delay': '1m' } }],
    ['advice behaviour', { annotations: { class: hpa, 'flyball.dev/behaviour': 'flyball' } }],
  ])('%s: %j', (expected, given) => {
    expect(said(given)).toEqual([expected]);
  });
});

describe('not odd', () => {
  it.each<Given>([
    { annotations: { class: hpa, metric: 'cpu' } },
    { annotations: { class: hpa, metric: 'memory', target: '512', window: '1m' } },
    limited(10, { target: '20', metric: 'rps' }),
    limited(1, {
      'target-utilization-percentage': '100',
      'flyball.dev/tolerance-percentage': '0',
    }),
    limited(10, { 'target-utilization-percentage': '90' }),
    limited(1, { metric: 'rps' }),
    { annotations: { target: '1', 'target-utilization-percentage': '100' } },
    { annotations: { 'panic-window-percentage': '2' } },
    { annotations: { window: '10s' } },
    { annotations: { 'scale-down-delay': '3s', 'min-scale': '1', 'max-scale': '2' } },
    { annotations: { 'scale-down-delay': '0s' } },
    { config: { 'max-scale': '2' }, annotations: { 'min-scale': '3', 'max-scale': '4' } },
    { annotations: { 'activation-scale': '3', 'min-scale': '2' } },
    { annotations: { 'flyball.dev/tolerance-percentage': '5' } },
  ])('%j', (given) => {
    expect(said(given)).toEqual([]);
  });
});

it.each([
  ['100', '10.5 for each, so some requests wait. tolerance-percentage: "0" adds one in time.'],
  ['98', '10.29 for each, so some requests wait. tolerance-percentage: "2" adds one in time.'],
])('says what a tolerance above the hard limit costs, at %s %%', (utilization, expected) => {
  const [advice] = validateAnnotations(
    {
      [`${autoscalingPrefix}target-utilization-percentage`]: utilization,
      'flyball.dev/tolerance-percentage': '5',
    },
    { config: parseConfigAutoscaler({}).config, containerConcurrency: 10 },
  );
  expect(advice?.message).toContain(expected);
});

describe('a ceiling below the floor', () => {
  const messages = (annotations: Record<string, string>): string[] =>
    validateAnnotations(annotations, {
      config: parseConfigAutoscaler({ 'max-scale': '2' }).config,
      containerConcurrency: 0,
    }).map(({ message }) => message);
  const scales = {
    [`${autoscalingPrefix}min-scale`]: '3',
    [`${autoscalingPrefix}initial-scale`]: '5',
  };

  it('wins, which Knative would not let it', () => {
    expect(messages(scales)).toEqual([
      'min-scale is above the max-scale of config-autoscaler, 2; max-scale wins.',
      'initial-scale is above max-scale, 2; max-scale wins.',
    ]);
    expect(messages({ ...scales, 'flyball.dev/behaviour': 'knative' })).toEqual([
      'min-scale is above the max-scale of config-autoscaler, 2; ' +
        'min-scale wins while less is wanted, then max-scale.',
      'initial-scale is above max-scale, 2; so many are started all the same.',
    ]);
  });
});
