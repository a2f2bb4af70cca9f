/** Stories of a Deployment's HorizontalPodAutoscaler: made, kept right, removed, left alone. */
import { defaultAutoscalerConfig, hpaClass } from '@flyball/knative';
import { describe, expect, it } from 'vitest';
import type { ClusterObject, Deployment } from '../objects/cluster-object.ts';
import { type AutoscalerSurroundings, desiredAutoscaler } from './desired-autoscaler.ts';
import { planAutoscaler } from './plan-autoscaler.ts';

const hpa = {
  'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev',
  'autoscaling.knative.dev/target': '50',
  'autoscaling.knative.dev/max-scale': '5',
};

const deploymentWith = (annotations: Record<string, string>, more: object = {}): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', uid: 'uid-web', annotations, ...more },
  spec: { selector: {}, template: { metadata: {}, spec: {} } },
});

const surroundings: AutoscalerSurroundings = {
  config: defaultAutoscalerConfig,
  optIn: 'annotated',
  ownNamespace: 'flyball-system',
  namespace: { labels: {}, annotations: {} },
};

const planned = (deployment: Deployment, current?: ClusterObject, given = surroundings) =>
  planAutoscaler(deployment, desiredAutoscaler(deployment, given), current);

/** As it is stored, with what the API server fills in. */
const stored = (deployment = deploymentWith(hpa)): ClusterObject => {
  const { write } = planned(deployment);
  if (write?.verb !== 'create') throw new Error('nothing was made');
  const object = write.object as ClusterObject & { spec: object };
  const metadata = { ...object.metadata, resourceVersion: '7', uid: 'uid-hpa' };
  return { ...object, metadata, spec: { minReplicas: 1, ...object.spec } } as ClusterObject;
};

describe('a Deployment of class hpa', () => {
  it('gets one that goes when it goes', () => {
    const { write, told } = planned(deploymentWith(hpa));
    expect(write).toMatchObject({
      verb: 'create',
      object: {
        kind: 'HorizontalPodAutoscaler',
        metadata: {
          name: 'web',
          namespace: 'shop',
          ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'uid-web', controller: true }],
        },
        spec: { maxReplicas: 5, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
      },
    });
    expect(told).toMatchObject({ type: 'Normal', reason: 'AutoscalerCreated' });
  });

  it('has nothing written when all is as wanted', () => {
    expect(planned(deploymentWith(hpa), stored())).toEqual({ write: undefined, told: undefined });
  });

  it('has it changed with its annotations, also where something is asked for no more', () => {
    const { 'autoscaling.knative.dev/target': _, ...without } = hpa;
    const { write } = planned(deploymentWith(without), stored());
    expect(write).toMatchObject({
      verb: 'replace',
      object: { metadata: { resourceVersion: '7' } },
    });
    expect(write?.object).not.toHaveProperty('spec.metrics');
    const annotations = write?.object.metadata.annotations;
    expect(annotations).not.toHaveProperty(['autoscaling.knative.dev/target']);
  });

  it('has it put right when somebody edited it', () => {
    const edited = { ...stored(), spec: { maxReplicas: 99 } } as ClusterObject;
    expect(planned(deploymentWith(hpa), edited).write).toMatchObject({
      verb: 'replace',
      object: { spec: { maxReplicas: 5 } },
    });
  });

  it('keeps it while its annotations are wrong, and is told', () => {
    const wrong = { ...hpa, 'autoscaling.knative.dev/max-scale': '-5' };
    expect(planned(deploymentWith(wrong), stored())).toMatchObject({
      write: undefined,
      told: { type: 'Warning', reason: 'InvalidAnnotations' },
    });
  });

  it('of a revision has it named after the revision', () => {
    const labels = { 'serving.knative.dev/revision': 'web-00001' };
    const { write } = planned(deploymentWith(hpa, { labels }));
    expect(write?.object.metadata).toMatchObject({ name: 'web-00001', labels });
  });
});

describe('a Deployment that is no longer of class hpa', () => {
  it.each([
    ['another class', { 'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev' }],
    ['no annotations', {}],
    ['is left alone', { ...hpa, 'flyball.dev/enabled': 'false' }],
  ])('(%s) loses what was made for it', (_why, annotations) => {
    const current = stored();
    expect(planned(deploymentWith(annotations), current)).toMatchObject({
      write: { verb: 'remove', object: current },
      told: { reason: 'AutoscalerRemoved' },
    });
  });

  it('keeps one that another tool made for it', () => {
    const { metadata } = stored();
    const other = { ...stored(), metadata: { ...metadata, annotations: {} } };
    expect(planned(deploymentWith({}), other).write).toBeUndefined();
  });
});

describe("somebody else's HorizontalPodAutoscaler of the same name", () => {
  const other = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'shop', uid: 'uid-other' },
  };

  it('is left alone, and told of', () => {
    expect(planned(deploymentWith(hpa), other)).toMatchObject({
      write: undefined,
      told: { type: 'Warning', reason: 'AutoscalerNotOwned' },
    });
  });

  it('is of no interest under another class', () => {
    expect(planned(deploymentWith({}), other)).toEqual({ write: undefined, told: undefined });
  });
});

describe('a wide opt-in', () => {
  const config = { ...defaultAutoscalerConfig, podAutoscalerClass: hpaClass };
  const wide = { ...surroundings, config };

  it.each([
    [
      'by its Namespace',
      { namespace: { labels: { 'flyball.dev/enabled': 'true' }, annotations: {} } },
    ],
    ['of the whole cluster', { optIn: 'all' as const }],
  ])('%s takes Deployments without a word', (_how, given) => {
    expect(planned(deploymentWith({}), undefined, { ...wide, ...given }).write?.verb).toBe(
      'create',
    );
  });

  it('that is not there takes none', () => {
    expect(planned(deploymentWith({}), undefined, wide).write).toBeUndefined();
  });
});
