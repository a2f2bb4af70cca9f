/** Stories of a PodAutoscaler that a user edits: what follows it, and what is told of mistakes. */
import { describe, expect, it } from 'vitest';
import type { PodAutoscaler } from './knative-service.ts';
import { ServiceWorld, sampleService } from './testing/service-world.ts';

const first = 'autoscale-go-00001-deployment';

const created = () => {
  const world = new ServiceWorld(sampleService('scene-2.template.yaml'));
  world.settle();
  return world;
};

/** As above, and its first pod was ready. */
const running = () => {
  const world = created();
  world.run(first, { replicas: 1, ready: 1 });
  world.settle();
  return world;
};

describe('an edited PodAutoscaler', () => {
  const editScale = (world: ServiceWorld, annotations: Record<string, string>) => {
    const autoscaler: PodAutoscaler = world.the('PodAutoscaler', 'autoscale-go-00001');
    world.put({ ...autoscaler, metadata: { ...autoscaler.metadata, annotations } });
    world.settle();
  };

  it('takes effect on the Deployment, without a new revision or a change of pods', () => {
    const world = running();
    const { template } = world.the('Deployment', first).spec;
    editScale(world, { 'autoscaling.knative.dev/maxScale': '7' });
    const { metadata, spec } = world.the('Deployment', first);
    expect(metadata.annotations).toMatchObject({ 'autoscaling.knative.dev/maxScale': '7' });
    expect(metadata.annotations).not.toHaveProperty(['autoscaling.knative.dev/minScale']);
    expect(metadata.annotations).toMatchObject({ 'flyball.dev/enabled': 'true' });
    expect(spec.template).toBe(template);
    expect(world.service.status?.latestCreatedRevisionName).toBe('autoscale-go-00001');
  });

  it('says what is wrong with it', () => {
    const world = running();
    editScale(world, { 'autoscaling.knative.dev/maxScale': '-7' });
    const { conditions } = world.the('PodAutoscaler', 'autoscale-go-00001').status ?? {};
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'InvalidAnnotations' }),
    );
  });

  it('changes nothing while it is wrong, and all of it once it is right', () => {
    const world = running();
    const { annotations } = world.the('Deployment', first).metadata;
    const min = 'autoscaling.knative.dev/minScale';
    const max = 'autoscaling.knative.dev/maxScale';
    editScale(world, { [min]: '3', [max]: 'ten' });
    expect(world.the('Deployment', first).metadata.annotations).toEqual(annotations);
    editScale(world, { [min]: '3', [max]: '10' });
    expect(world.the('Deployment', first).metadata.annotations).toMatchObject({
      [min]: '3',
      [max]: '10',
    });
  });

  it('that is wrong asks a new revision for no more pods', () => {
    const world = created();
    const annotations = { 'autoscaling.knative.dev/minScale': '5' };
    editScale(world, { ...annotations, 'autoscaling.knative.dev/maxScale': 'ten' });
    world.run(first, { replicas: 1, ready: 1 });
    world.settle();
    expect(world.service.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
  });

  it('tells on itself that it is wrong, once for each mistake', () => {
    const world = running();
    world.notices.length = 0;
    editScale(world, { 'autoscaling.knative.dev/maxScale': '-7' });
    world.settle();
    editScale(world, { 'autoscaling.knative.dev/maxScale': 'many' });
    expect(world.notices).toMatchObject(
      ['-7', 'many'].map((value) => ({
        about: { kind: 'PodAutoscaler', metadata: { name: 'autoscale-go-00001' } },
        ...{ type: 'Warning', reason: 'InvalidAnnotations' },
        message: expect.stringMatching(`^The settings before stay in force.*maxScale.*${value}`),
      })),
    );
  });
});
