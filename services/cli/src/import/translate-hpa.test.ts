/** HorizontalPodAutoscalers as settings of class hpa. */
import { describe, expect, it } from 'vitest';
import { cpuMetric, foreign, hpa } from '../testing/foreign-objects.ts';
import { translate } from './translate.ts';
import type { Translation } from './translation.ts';

const only = (...objects: Parameters<typeof translate>[0]): Translation => {
  const [translation] = translate(objects);
  if (translation === undefined) throw new Error('nothing was translated');
  return translation;
};

const scaling = (name: string): string => `autoscaling.knative.dev/${name}`;

describe('a HorizontalPodAutoscaler', () => {
  it('of the processor is said by class hpa, to the same numbers', () => {
    const { annotations, losses, steps, workload } = only(
      hpa({ minReplicas: 2, metrics: [cpuMetric] }),
    );
    expect(workload).toBe('shop/web');
    expect(annotations).toEqual({
      'flyball.dev/enabled': 'true',
      [scaling('class')]: 'hpa.autoscaling.knative.dev',
      [scaling('metric')]: 'cpu',
      [scaling('target')]: '60',
      [scaling('min-scale')]: '2',
      [scaling('max-scale')]: '10',
    });
    expect(losses).toEqual([]);
    expect(steps).toMatchObject([
      { action: 'delete', object: { kind: 'HorizontalPodAutoscaler', name: 'web' } },
      { action: 'patch', object: { kind: 'Deployment' }, patch: { metadata: { annotations } } },
    ]);
  });

  it('says what scaling it by its requests needs instead, its Services above all', () => {
    const { notes } = only(hpa({ metrics: [cpuMetric] }));
    const note = notes.find((one) => one.startsWith('Class hpa scales it as before')) ?? '';
    expect(note).toContain('leave out class and metric, let autoscaling.knative.dev/target be');
    expect(note).toContain('make its Services public first (flyball.dev/deployment, no selector)');
  });

  it('of v1 says the same', () => {
    const old = hpa({ minReplicas: 2, targetCPUUtilizationPercentage: 60 }, 'autoscaling/v1');
    expect(only(old).annotations).toEqual(
      only(hpa({ minReplicas: 2, metrics: [cpuMetric] })).annotations,
    );
  });

  it('of v1 that keeps what v2 can say tells of it', () => {
    const old = foreign('autoscaling/v1', 'HorizontalPodAutoscaler', 'web', {
      metadata: { annotations: { 'autoscaling.alpha.kubernetes.io/metrics': '[]' } },
      spec: hpa().spec,
    });
    expect(only(old).losses).toMatchObject([{ message: expect.stringContaining('hpa.v2') }]);
  });

  it('without a minimum has the one of Kubernetes', () => {
    expect(only(hpa()).annotations).toMatchObject({ [scaling('min-scale')]: '1' });
  });

  it.each([
    [{ name: 'memory', target: { type: 'AverageValue', averageValue: '200Mi' } }, 'memory', '200'],
    [{ name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } }, 'memory', '1024'],
  ])('of %j', (resource, metric, target) => {
    const { annotations, losses } = only(hpa({ metrics: [{ type: 'Resource', resource }] }));
    expect(annotations).toMatchObject({
      [scaling('metric')]: metric,
      [scaling('target')]: target,
    });
    expect(losses).toEqual([]);
  });

  it('of a metric of pods keeps its name, and says what is rounded', () => {
    const pods = {
      metric: { name: 'jobs' },
      target: { type: 'AverageValue', averageValue: '2500m' },
    };
    const { annotations, losses } = only(hpa({ metrics: [{ type: 'Pods', pods }] }));
    expect(annotations).toMatchObject({ [scaling('metric')]: 'jobs', [scaling('target')]: '2' });
    expect(losses).toMatchObject([{ message: expect.stringContaining('2 is used') }]);
  });

  it.each([
    [{ type: 'External', external: {} }, 'no metrics of type External'],
    [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '1' } },
      },
      'percentage of the request',
    ],
    [
      {
        type: 'Pods',
        pods: { metric: { name: 'cpu' }, target: { type: 'AverageValue', averageValue: '9' } },
      },
      'that of the processor',
    ],
  ])('tells what class hpa cannot say: %j', (metric, message) => {
    const { annotations, losses, notes } = only(hpa({ metrics: [metric] }));
    expect(losses).toMatchObject([
      { path: 'spec.metrics[0]', message: expect.stringContaining(message) },
    ]);
    expect(annotations).not.toHaveProperty([scaling('metric')]);
    expect(notes).toContainEqual(expect.stringContaining('80 % of the processor'));
  });

  it('of two metrics keeps the first that can be said', () => {
    const metrics = [{ type: 'External', external: {} }, cpuMetric, cpuMetric];
    const { annotations, losses } = only(hpa({ metrics }));
    expect(annotations).toMatchObject({ [scaling('metric')]: 'cpu' });
    expect(losses.map(({ path }) => path)).toEqual(['spec.metrics[0]', 'spec.metrics[2]']);
  });

  it('that scales something else is not taken over; one that was made for another is left', () => {
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' };
    expect(only(hpa({ scaleTargetRef })).refused).toContain('StatefulSet db');
    const owned = foreign('autoscaling/v2', 'HorizontalPodAutoscaler', 'keda-hpa-web', {
      metadata: { ownerReferences: [{ kind: 'ScaledObject', name: 'web' }] },
      spec: hpa().spec,
    });
    expect(translate([owned])).toEqual([]);
  });

  it('that cannot be read says where', () => {
    expect(only(hpa({ maxReplicas: 'ten' })).refused).toContain('spec.maxReplicas');
  });
});

describe('its behaviour', () => {
  const windowKey = scaling('window');
  const windows = (up: number, down: number) => ({
    scaleUp: { stabilizationWindowSeconds: up },
    scaleDown: { stabilizationWindowSeconds: down },
  });

  it('is one window where both directions have the same', () => {
    const { annotations, losses } = only(hpa({ behavior: windows(120, 120) }));
    expect(annotations).toMatchObject({ [windowKey]: '120s' });
    expect(losses).toEqual([]);
  });

  it('is nothing where it is what Kubernetes does anyhow, written out', () => {
    const behavior = {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Percent', value: 100, periodSeconds: 15 },
          { periodSeconds: 15, type: 'Pods', value: 4 },
        ],
      },
      scaleDown: {
        selectPolicy: 'Max',
        policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
      },
    };
    const { annotations, losses } = only(hpa({ behavior }));
    expect(annotations).not.toHaveProperty([windowKey]);
    expect(losses).toEqual([]);
  });

  it.each([windows(0, 600), windows(5, 5), windows(30, 60)])('cannot be %j', (behavior) => {
    const { annotations, losses } = only(hpa({ behavior }));
    expect(annotations).not.toHaveProperty([windowKey]);
    expect(losses).toMatchObject([{ message: expect.stringContaining('one window') }]);
  });

  it('has no rates', () => {
    const policies = [{ type: 'Pods', value: 1, periodSeconds: 60 }];
    const { losses } = only(hpa({ behavior: { scaleDown: { policies } } }));
    expect(losses).toMatchObject([{ path: 'spec.behavior.scaleDown.policies' }]);
  });
});

it('a setting of the pod template that would win is told', () => {
  const deployment = foreign('apps/v1', 'Deployment', 'web', {
    spec: { template: { metadata: { annotations: { [scaling('max-scale')]: '3' } } } },
  });
  const [translation] = translate([deployment, hpa()]);
  expect(translation?.notes).toContainEqual(expect.stringContaining('which holds over the 10'));
});
