/** Whatever a cluster holds: no throw, settings that Flyball takes, a sentence for what is lost. */
import { spawnSync } from 'node:child_process';
import { defaultAutoscalerConfig, hasErrors, resolvePolicy } from '@flyball/knative';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { patchText } from './as-patches.ts';
import { scriptLines } from './as-script.ts';
import { type ForeignObject, foreignObjectSchema } from './foreign-object.ts';
import { quantityValue } from './quantity-value.ts';
import { readObjects } from './read-objects.ts';
import { translate } from './translate.ts';
import { translationSchema } from './translation.ts';

const seed = 20_200_707;
const check = <Ts>(property: fc.IProperty<Ts>, numRuns = 300): void =>
  fc.assert(property, { seed, numRuns });

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'YAML',
    "it's\nYAML\nrm -rf x",
    '$(id)',
    '`id`',
    '__proto__',
    'web',
    '1m',
    '500m',
  ),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.nat(50));
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));
/** A field as it should be most of the time, and anything else. */
const mostly = <Value>(right: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue() });
const some = (shape: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(shape, { requiredKeys: [] });

const duration = fc.constantFrom('1m', '30s', '1s', '0s', '-1s', '90m', 'x', '1m0s');
const quantity = fc.oneof(fc.constantFrom('200Mi', '1Gi', '500m', '3', '1e3', 'x', '-1'), number);
const ref = some({
  apiVersion: fc.constantFrom('apps/v1', 'v1'),
  kind: fc.constantFrom('Deployment', 'Deployment', 'StatefulSet'),
  name: mostly(fc.constantFrom('web', 'api')),
  service: mostly(fc.constantFrom('web', 'api')),
});
const target = some({
  type: fc.constantFrom('Utilization', 'AverageValue', 'Value'),
  averageUtilization: mostly(fc.integer({ min: -1, max: 200 })),
  averageValue: mostly(quantity),
});
const metric = some({
  type: fc.constantFrom('Resource', 'Pods', 'External', 'Object', 'ContainerResource'),
  resource: some({ name: fc.constantFrom('cpu', 'memory', 'x'), target }),
  pods: some({ metric: some({ name: text, selector: fc.jsonValue() }), target }),
});
const rules = some({
  stabilizationWindowSeconds: mostly(fc.constantFrom(0, 5, 60, 300, 3600, 9999)),
  policies: fc.jsonValue(),
  selectPolicy: fc.constantFrom('Max', 'Min', 'Disabled'),
});
const hpaSpec = some({
  scaleTargetRef: mostly(ref),
  minReplicas: mostly(fc.integer({ min: -1, max: 20 })),
  maxReplicas: mostly(fc.integer({ min: 0, max: 20 })),
  targetCPUUtilizationPercentage: mostly(fc.integer({ min: 0, max: 200 })),
  metrics: mostly(fc.array(metric, { maxLength: 3 })),
  behavior: mostly(some({ scaleUp: rules, scaleDown: rules })),
});
const httpSpec = some({
  hosts: mostly(
    fc.array(fc.oneof(text, fc.constantFrom('a.example.com', '*.b')), { maxLength: 3 }),
  ),
  scaleTargetRef: mostly(ref),
  replicas: mostly(some({ min: mostly(fc.nat(9)), max: mostly(fc.nat(9)) })),
  scaledownPeriod: mostly(fc.nat(9000)),
  targetPendingRequests: mostly(number),
  scalingMetric: mostly(
    some({
      concurrency: mostly(some({ targetValue: mostly(number) })),
      requestRate: mostly(
        some({
          targetValue: mostly(number),
          window: mostly(duration),
          granularity: mostly(duration),
        }),
      ),
    }),
  ),
});
const annotations = fc.dictionary(
  fc.oneof(
    text,
    fc
      .constantFrom('target', 'window', 'min-scale', 'maxScale', 'class', 'metric')
      .map((name) => `autoscaling.knative.dev/${name}`),
    fc.constantFrom('flyball.dev/enabled', 'serving.knative.dev/progress-deadline'),
  ),
  fc.oneof(text, number.map(String), duration),
  { maxKeys: 5 },
);
const container = some({
  name: text,
  image: text,
  ports: mostly(fc.array(some({ containerPort: fc.nat(70_000), name: text }), { maxLength: 2 })),
  env: fc.jsonValue(),
  readinessProbe: fc.jsonValue(),
});
const template = some({
  metadata: mostly(some({ annotations: mostly(annotations), labels: mostly(annotations) })),
  spec: mostly(
    some({
      containers: mostly(fc.array(container, { maxLength: 3 })),
      container: mostly(container),
      containerConcurrency: mostly(fc.integer({ min: 0, max: 2000 })),
      timeoutSeconds: mostly(fc.integer({ min: 0, max: 2000 })),
      idleTimeoutSeconds: scalar,
    }),
  ),
});
const knativeSpec = fc.oneof(
  some({ template: mostly(template), traffic: fc.jsonValue() }),
  template.map((given) => ({ runLatest: { configuration: { revisionTemplate: given } } })),
);

const kinds: readonly (readonly [string, string, fc.Arbitrary<unknown>])[] = [
  ['autoscaling/v2', 'HorizontalPodAutoscaler', hpaSpec],
  ['autoscaling/v1', 'HorizontalPodAutoscaler', hpaSpec],
  ['http.keda.sh/v1alpha1', 'HTTPScaledObject', httpSpec],
  ['serving.knative.dev/v1', 'Service', knativeSpec],
  ['keda.sh/v1alpha1', 'ScaledObject', fc.jsonValue()],
  ['apps/v1', 'Deployment', fc.record({ template })],
  ['v1', 'Service', fc.jsonValue()],
];
const name = fc.constantFrom('web', 'api', 'hello');
const object: fc.Arbitrary<ForeignObject> = fc
  .oneof(
    ...kinds.map(([apiVersion, kind, spec]) => fc.tuple(fc.constant([apiVersion, kind]), spec)),
  )
  .chain(([[apiVersion = '', kind = ''], spec]) =>
    fc.tuple(name, annotations, mostly(fc.constant(spec))).map(([given, texts, about]) =>
      foreignObjectSchema.parse({
        apiVersion,
        kind,
        metadata: { namespace: 'shop', name: given, annotations: texts },
        spec: about,
      }),
    ),
  );
const objects = fc.array(object, { maxLength: 4 });

describe('any objects', () => {
  it('are taken over or refused, and what is set is taken by Flyball', () => {
    check(
      fc.property(objects, (given) => {
        for (const translation of translate(given)) {
          translationSchema.parse(translation);
          const { annotations: set, refused, steps, workload, losses, notes } = translation;
          expect(refused === null).toBe(workload !== null);
          expect(steps.length > 0).toBe(refused === null);
          const policy = resolvePolicy({ config: defaultAutoscalerConfig, annotations: set });
          expect(hasErrors(policy.complaints)).toBe(false);
          for (const said of [
            ...losses.map(({ message }) => message),
            ...notes,
            refused ?? 'Fine.',
          ]) {
            expect(said).toMatch(/\.$/);
          }
        }
      }),
    );
  });

  it('translate each Deployment once', () => {
    check(
      fc.property(objects, (given) => {
        const workloads = translate(given).flatMap(({ workload }) => workload ?? []);
        expect(new Set(workloads).size).toBe(workloads.length);
      }),
    );
  });

  it('translate to the same again, and after a way through YAML', () => {
    check(
      fc.property(objects, (given) => {
        const first = translate(given);
        expect(translate(given)).toEqual(first);
        const list = { apiVersion: 'v1', kind: 'List', items: given };
        const read = readObjects([{ file: 'list', text: JSON.stringify(list) }], 'shop');
        expect(read.faults).toEqual([]);
        expect(translate(read.objects)).toEqual(translate(JSON.parse(JSON.stringify(given))));
      }),
      100,
    );
  });

  it('become patches that read back as they were meant', () => {
    check(
      fc.property(objects, (given) => {
        const documents = parseAllDocuments(patchText(translate(given)));
        if (!Array.isArray(documents)) return;
        for (const document of documents) {
          expect(document.errors).toEqual([]);
          expect(document.toJS()).toMatchObject({ metadata: { namespace: 'shop' } });
        }
      }),
      100,
    );
  });
});

/** What the shell would run, each as its words; `kubectl` and nothing else is known to it. */
const commandsRun = (lines: readonly string[]): string[] => {
  const input = `kubectl() { cat >/dev/null; printf '%s\\n' kubectl; }\n${lines.join('\n')}\n`;
  const { stdout, stderr, status } = spawnSync('/bin/sh', ['-eu'], {
    input,
    encoding: 'utf8',
    env: { PATH: '/nowhere:/bin:/usr/bin' },
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.split('\n').filter((line) => line !== '');
};

it('whatever names and values hold, a shell runs kubectl only, once for each step', () => {
  check(
    fc.property(objects, (given) => {
      const translations = translate(given);
      const expected = translations.flatMap(({ steps }) => {
        const byHand = steps.findIndex(({ action }) => action === 'by-hand');
        return byHand === -1 ? steps : steps.slice(0, byHand);
      });
      const script = scriptLines(translations);
      expect(commandsRun(script)).toEqual(expected.map(() => 'kubectl'));
    }),
    40,
  );
});

it.each([
  ['500m', 0.5],
  ['1.5', 1.5],
  ['128Mi', 134_217_728],
  ['1e3', 1000],
  ['2k', 2000],
  ['', undefined],
  ['1x', undefined],
  ['Mi', undefined],
])('the quantity %j is %j', (given, value) => {
  expect(quantityValue(given)).toBe(value);
});
