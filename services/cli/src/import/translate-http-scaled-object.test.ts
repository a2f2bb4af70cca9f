/** HTTPScaledObjects of KEDA's add-on as settings, with their Services. */
import { expect, it } from 'vitest';
import { foreign, hpa, httpScaledObject } from '../testing/foreign-objects.ts';
import { translate } from './translate.ts';
import type { Translation } from './translation.ts';

const scaling = (name: string): string => `autoscaling.knative.dev/${name}`;

const of = (spec: Record<string, unknown> = {}): Translation => {
  const [translation] = translate([httpScaledObject(spec)]);
  if (translation === undefined) throw new Error('nothing was translated');
  return translation;
};

it('says the defaults of the add-on where the object says nothing', () => {
  const { annotations, losses, refused } = of();
  expect(refused).toBeNull();
  expect(losses).toEqual([]);
  expect(annotations).toEqual({
    'flyball.dev/enabled': 'true',
    [scaling('metric')]: 'concurrency',
    [scaling('target')]: '100',
    [scaling('target-utilization-percentage')]: '100',
    [scaling('max-scale')]: '100',
    // 300 s from the last request on, of which the window is the first minute.
    [scaling('scale-to-zero-pod-retention-period')]: '240s',
  });
});

it('pauses KEDA first, and leaves the add-on in the path until the ingress is changed', () => {
  expect(of().steps).toMatchObject([
    {
      action: 'patch',
      object: { kind: 'HTTPScaledObject', name: 'web' },
      patch: { metadata: { annotations: { 'autoscaling.keda.sh/paused': 'true' } } },
    },
    { action: 'patch', object: { kind: 'Deployment', name: 'web' } },
    {
      action: 'patch',
      object: { kind: 'Service', name: 'web-service' },
      patch: {
        metadata: {
          annotations: { 'flyball.dev/deployment': 'web', 'flyball.dev/hosts': 'web.example.com' },
        },
        spec: { selector: null },
      },
    },
    { action: 'by-hand' },
    { action: 'delete', object: { kind: 'HTTPScaledObject' } },
  ]);
});

it.each([
  [{ targetValue: 50, window: '30s', granularity: '1s' }, '50', '30s', '270s'],
  [{ targetValue: 50, window: '2m0s', granularity: '10s' }, '5', '2m0s', '180s'],
  [{}, '100', '1m', '240s'],
])('takes a rate of %j per second', (requestRate, target, window, retention) => {
  const { annotations, losses } = of({ scalingMetric: { requestRate } });
  expect(annotations).toMatchObject({
    [scaling('metric')]: 'rps',
    [scaling('target')]: target,
    [scaling('window')]: window,
    [scaling('scale-to-zero-pod-retention-period')]: retention,
  });
  expect(losses).toEqual([]);
});

it('keeps the bounds, and a period that is shorter than the window is the window', () => {
  const { annotations } = of({ replicas: { min: 2, max: 5 }, scaledownPeriod: 30 });
  expect(annotations).toMatchObject({ [scaling('min-scale')]: '2', [scaling('max-scale')]: '5' });
  expect(annotations).not.toHaveProperty([scaling('scale-to-zero-pod-retention-period')]);
});

it.each([
  ['spec.hosts', { hosts: ['*.example.com', 'web.example.com'] }],
  ['spec.pathPrefixes', { pathPrefixes: ['/api'] }],
  ['spec.headers', { headers: [{ name: 'x' }] }],
  ['spec.coldStartTimeoutFailoverRef', { coldStartTimeoutFailoverRef: { service: 'sorry' } }],
  ['spec.initialCooldownPeriod', { initialCooldownPeriod: 30 }],
  ['spec.timeouts', { timeouts: { conditionWait: '20s' } }],
  ['spec.scaledownPeriod', { scaledownPeriod: 7200 }],
  ['spec.scalingMetric.requestRate', { scalingMetric: { concurrency: {}, requestRate: {} } }],
  ['autoscaling.knative.dev/window', { scalingMetric: { requestRate: { window: '1s' } } }],
])('tells that %s has no counterpart', (path, spec) => {
  expect(of(spec).losses).toMatchObject([{ path, message: expect.stringMatching(/\.$/) }]);
});

it.each([
  ['no Deployment', { scaleTargetRef: { service: 'web' } }],
  ['StatefulSet db', { scaleTargetRef: { kind: 'StatefulSet', name: 'db', service: 'db' } }],
  ['spec.replicas.min', { replicas: { min: 'one' } }],
])('is not taken over: %s', (why, spec) => {
  expect(of(spec).refused).toContain(why);
});

it('without a host is told to need the ingress', () => {
  expect(of({ hosts: [] }).notes).toContainEqual(expect.stringContaining('names no host'));
});

it('leaves a headless Service to a person', () => {
  const headless = foreign('v1', 'Service', 'web-service', { spec: { clusterIP: 'None' } });
  const [translation] = translate([headless, httpScaledObject()]);
  const steps = translation?.steps ?? [];
  expect(steps.filter(({ action }) => action === 'by-hand')).toHaveLength(2);
  expect(steps).not.toContainEqual(expect.objectContaining({ patch: { spec: expect.anything() } }));
});

it('and another object for the same Deployment is one too many', () => {
  const [first, second] = translate([httpScaledObject(), hpa()]);
  expect(first?.refused).toBeNull();
  expect(second?.refused).toContain('translated already, from HTTPScaledObject shop/web');
});
