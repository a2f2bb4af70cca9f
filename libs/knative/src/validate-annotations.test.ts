/** A workload's annotations: what is wrong, what is ignored and what is odd. */
import { describe, expect, it } from 'vitest';
import { formatComplaint } from './complaint.ts';
import { parseConfigAutoscaler } from './parse-config-autoscaler.ts';
import { validateAnnotations } from './validate-annotations.ts';

interface Given {
  annotations: Record<string, string>;
  config?: Record<string, string>;
  containerConcurrency?: number;
}

/** Short names stand for `autoscaling.knative.dev/<name>`. */
const complaintsAbout = ({ annotations, config = {}, containerConcurrency = 0 }: Given) => {
  const full = Object.entries(annotations).map(([key, value]) => [
    key.includes('/') ? key : `autoscaling.knative.dev/${key}`,
    value,
  ]);
  return validateAnnotations(Object.fromEntries(full), {
    config: parseConfigAutoscaler(config).config,
    containerConcurrency,
  });
};

const said = (given: Given) =>
  complaintsAbout(given).map(
    ({ severity, keys }) =>
      `${severity} ${keys.map((key) => key.replace('autoscaling.knative.dev/', '')).join(' ')}`,
  );

it.each([
  ['class', 'other.autoscaling.knative.dev'],
  ['metric', 'cpu'],
  ['metric', ''],
  ['metric-aggregation-algorithm', 'median'],
  ['target', '0.009'],
  ['target', 'ten'],
  ['target', 'NaN'],
  ['target', 'Inf'],
  ['target-utilization-percentage', '0.99'],
  ['targetUtilizationPercentage', '100.1'],
  ['target-burst-capacity', '-2'],
  ['targetBurstCapacity', '-0.5'],
  ['window', '5s'],
  ['window', '6500ms'],
  ['window', '60'],
  ['panic-window-percentage', '101'],
  ['panicWindowPercentage', '0'],
  ['panic-threshold-percentage', '109.9'],
  ['panicThresholdPercentage', '1000.5'],
  ['min-scale', '-1'],
  ['min-scale', '1.5'],
  ['minScale', '2147483648'],
  ['max-scale', 'y'],
  ['initial-scale', '0'],
  ['initialScale', '-1'],
  ['initial-scale', '3000000000'],
  ['activation-scale', '1'],
  ['activation-scale', '-1'],
  ['scale-down-delay', '1h1s'],
  ['scaleDownDelay', '500ms'],
  ['scale-to-zero-pod-retention-period', '3601s'],
  ['flyball.dev/behaviour', 'kpa'],
  ['flyball.dev/queue-proxy', 'yes'],
  ['flyball.dev/enabled', ''],
  ['flyball.dev/container-concurrency', '1001'],
  ['flyball.dev/timeout-seconds', '0'],
])('%s: %j is an error', (key, value) => {
  const complaints = complaintsAbout({ annotations: { [key]: value } });
  expect(complaints.map((one) => one.severity)).toEqual(['error']);
  expect(complaints[0]?.value).toBe(value);
  expect(complaints[0]?.allowed).not.toBe('');
});

it.each([
  ['class', 'kpa.autoscaling.knative.dev'],
  ['metric', 'rps'],
  ['metric-aggregation-algorithm', 'weightedExponential'],
  ['target', '1000000'],
  ['target-utilization-percentage', '1.5'],
  ['target-burst-capacity', '-1'],
  ['window', '1h'],
  ['max-scale', '0'],
  ['min-scale', '2147483647'],
  ['activation-scale', '2'],
  ['scale-down-delay', '0s'],
  ['scale-to-zero-pod-retention-period', '500ms'],
  ['flyball.dev/min-scale-when-unreachable', 'true'],
])('%s: %j is fine', (key, value) => {
  expect(complaintsAbout({ annotations: { [key]: value } })).toEqual([]);
});

describe('scales together', () => {
  it('may not contradict each other, in either spelling', () => {
    expect(said({ annotations: { minScale: '9', 'max-scale': '3' } })).toEqual([
      'error max-scale min-scale',
    ]);
    expect(said({ annotations: { 'min-scale': '4', 'max-scale': '0' } })).toEqual([]);
    expect(said({ annotations: { 'activation-scale': '2', 'min-scale': '3' } })).toEqual([
      'error activation-scale',
    ]);
    expect(said({ annotations: { 'activation-scale': '4', 'max-scale': '3' } })).toEqual([
      'error activation-scale',
    ]);
    const none = { 'activation-scale': '2', 'max-scale': '1' };
    expect(complaintsAbout({ annotations: none })[0]?.allowed).toBe('none with these two scales');
  });

  it('keep within the cluster', () => {
    const config = { 'max-scale': '5', 'max-scale-limit': '10' };
    expect(said({ config, annotations: { 'max-scale': '10' } })).toEqual([]);
    expect(said({ config, annotations: { 'max-scale': '11' } })).toEqual(['error max-scale']);
    expect(said({ config, annotations: { maxScale: '0' } })).toEqual(['error maxScale']);
    // Knative lets this pass, and so do we.
    expect(said({ config, annotations: { 'min-scale': '7' } })).toEqual(['warning min-scale']);
  });

  it('may start at zero where the cluster allows it', () => {
    const config = { 'allow-zero-initial-scale': 'true' };
    expect(said({ config, annotations: { 'initial-scale': '0' } })).toEqual([]);
  });
});

it('reports many faults at once', () => {
  const annotations = { target: '0', window: '1s', 'min-scale': 'x', 'initial-scale': '0' };
  expect(said({ annotations })).toEqual([
    'error target',
    'error window',
    'error min-scale',
    'error initial-scale',
  ]);
});

describe('keys that have no effect', () => {
  it('are warned of, with the nearest known key', () => {
    const hint = (key: string) => {
      const [first] = complaintsAbout({ annotations: { [key]: '1' } });
      return `${first?.severity} ${first?.didYouMean}`;
    };
    expect(hint('min-scle')).toBe('warning autoscaling.knative.dev/min-scale');
    expect(hint('activationScale')).toBe('warning autoscaling.knative.dev/activation-scale');
    expect(hint('flyball.dev/queueproxy')).toBe('warning flyball.dev/queue-proxy');
    expect(hint('flyball.dev/target')).toBe('warning autoscaling.knative.dev/target');
    expect(hint('max-scale-down-rate')).toBe(
      'warning max-scale-down-rate in the ConfigMap config-autoscaler',
    );
    expect(hint('nonsense')).toBe('warning undefined');
    expect(complaintsAbout({ annotations: { 'example.com/min-scle': '1' } })).toEqual([]);
  });

  it('include the camelCase spelling of a key that is given in kebab-case', () => {
    expect(said({ annotations: { 'min-scale': '1', minScale: 'bad' } })).toEqual([
      'warning minScale',
    ]);
  });
});

describe('behaviour knative', () => {
  const knative = (key: string, value: string) =>
    said({ config: { behaviour: 'knative' }, annotations: { [key]: value } });

  it('only warns of what Knative lets through', () => {
    expect(knative('target', 'NaN')).toEqual(['warning target']);
    expect(knative('initial-scale', '3000000000')).toEqual(['warning initial-scale']);
    expect(knative('metric-aggregation-algorithm', 'median')).toEqual([
      'warning metric-aggregation-algorithm',
    ]);
    expect(knative('target', '0')).toEqual(['error target']);
  });

  it('holds for the workload that asks for it', () => {
    const annotations = { 'flyball.dev/behaviour': 'knative', target: 'NaN' };
    expect(said({ annotations })).toEqual(['warning target']);
  });
});

it('prints as two lines of text', () => {
  const [complaint] = complaintsAbout({ annotations: { window: '5s' } });
  expect(complaint && formatComplaint({ ...complaint, file: 'a.yaml', line: 3, column: 9 })).toBe(
    [
      'a.yaml:3:9 error: autoscaling.knative.dev/window is outside of the allowed range.',
      '  autoscaling.knative.dev/window: "5s"; allowed: 6s to 1h, whole seconds',
    ].join('\n'),
  );
});
